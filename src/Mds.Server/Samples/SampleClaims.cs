namespace Mds.Server.Samples;

/// <summary>The claims document that is served when the user gives none: a machine that does not exist, complete.</summary>
internal static class SampleClaims
{
    private const string Resource = "Mds.Server.Samples.sample-claims.json";

    /// <summary>What the document is called in status and errors.</summary>
    public const string Source = "the built-in sample";

    /// <summary>Reads the document.</summary>
    public static byte[] Read()
    {
        using var stream = typeof(SampleClaims).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is missing from the build.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
