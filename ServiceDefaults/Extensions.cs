namespace ServiceDefaults;

internal static class Extensions;
