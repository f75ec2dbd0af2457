using Mds.Metadata;

namespace Mds.Server.Samples;

/// <summary>Claims documents of machines that do not exist.</summary>
internal static class SampleClaims
{
    private const string Served = "Mds.Server.Samples.sample-claims.json";
    private const string CloudRun = "Mds.Server.Samples.sample-cloudrun-claims.json";
    private const string Full = "Mds.Server.Samples.full-claims.json";

    /// <summary>What the document is called in status and errors.</summary>
    public const string Source = "the built-in sample";

    /// <summary>Reads the document that is served when the user gives none.</summary>
    /// <param name="flavor">Whose metadata server it is for: a Cloud Run instance is no machine.</param>
    public static byte[] Read(MetadataFlavor flavor = MetadataFlavor.GCE) =>
        Read(flavor == MetadataFlavor.CloudRun ? CloudRun : Served);

    /// <summary>Reads the document that has every key in it, for users to start from.</summary>
    public static byte[] ReadFull() => Read(Full);

    private static byte[] Read(string resource)
    {
        using var stream = typeof(SampleClaims).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The resource {resource} is missing from the build.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
