using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

public sealed partial class ReferenceExpression
{
    /// <summary>What the compiler hands an interpolated string to.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        internal List<object?> Parts { get; } = new(literalLength > 0 ? formattedCount + 1 : formattedCount);

        /// <summary>Adds fixed text.</summary>
        public void AppendLiteral(string value) => Parts.Add(value);

        /// <summary>Adds text that is known already.</summary>
        public void AppendFormatted(string? value) => Parts.Add(value);

        /// <summary>Adds a value that is known at the start.</summary>
        public void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider => Parts.Add(valueProvider);

        /// <summary>Adds the value of a resource, such as a parameter.</summary>
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider => Parts.Add(valueProvider.Resource);
    }
}
