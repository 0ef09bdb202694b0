namespace Middleware.Domain;

/// <summary>Who says that there is an endpoint. The names are stored; they never change.</summary>
internal enum EndpointOrigin
{
    /// <summary>It was registered through the API, which changes and deletes it.</summary>
    Api,

    /// <summary>It is declared in the section <c>Endpoints</c> of the configuration, which is read at the start.</summary>
    Configuration,

    /// <summary><c>EXTERNAL_ENDPOINT_URL</c> and the settings beside it.</summary>
    BuiltIn,
}

/// <summary>The names in answers.</summary>
internal static class EndpointOrigins
{
    public static readonly EnumNames<EndpointOrigin> Names = new(Name);

    public static string Name(this EndpointOrigin origin) => origin switch
    {
        EndpointOrigin.Api => "api",
        EndpointOrigin.Configuration => "configuration",
        _ => "built_in",
    };
}
