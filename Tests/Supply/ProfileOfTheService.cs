using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Middleware.Events;
using Tests.Words;

namespace Tests.Supply;

/// <summary>The static profile by which the service becomes native code: an assembly in an archive, which refers to the methods that it knows.</summary>
public sealed class ProfileOfTheService
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    /// <summary>A method that the service does not have any more is compiled without it, and nothing says so.</summary>
    [Fact]
    public void Most_methods_that_it_knows_are_there()
    {
        var service = typeof(IntegrationEvent).Assembly;
        var known = Methods(service.GetName().Name!).ToList();
        var gone = known.Where(method => service.GetType(method.Type)?.GetMember(method.Name, Declared) is not { Length: > 0 }).ToList();

        Assert.InRange(known.Count, 200, int.MaxValue);
        Assert.True(gone.Count * 10 <= known.Count, $"{gone.Count} of {known.Count} are gone; make it anew with \"bench profile\": {string.Join(", ", gone)}");
    }

    private static IEnumerable<(string Type, string Name)> Methods(string assembly)
    {
        using var archive = ZipFile.OpenRead(Path.Combine(Prose.Root, "Middleware.Api/middleware.mibc"));
        using var content = new MemoryStream();
        var entry = Assert.Single(archive.Entries);
        Assert.Equal("middleware.mibc.dll", entry.FullName);
        using (var stream = entry.Open())
        {
            stream.CopyTo(content);
        }

        content.Position = 0;
        using var file = new PEReader(content);
        var reader = file.GetMetadataReader();
        foreach (var method in reader.MemberReferences.Select(reader.GetMemberReference).Where(static method => method.Parent.Kind == HandleKind.TypeReference))
        {
            if (NameIn(assembly, reader, (TypeReferenceHandle)method.Parent) is { } type)
            {
                yield return (type, reader.GetString(method.Name));
            }
        }
    }

    /// <summary>The name of a type of the assembly, as reflection has it; null for one of another.</summary>
    private static string? NameIn(string assembly, MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        var name = reader.GetString(type.Name);
        return type.ResolutionScope.Kind switch
        {
            HandleKind.TypeReference => NameIn(assembly, reader, (TypeReferenceHandle)type.ResolutionScope) is { } outer ? $"{outer}+{name}" : null,
            HandleKind.AssemblyReference when reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) == assembly =>
                type.Namespace.IsNil ? name : $"{reader.GetString(type.Namespace)}.{name}",
            _ => null,
        };
    }
}
