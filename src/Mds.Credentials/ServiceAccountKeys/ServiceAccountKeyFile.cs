namespace Mds.Credentials;

/// <summary>The JSON form of a <see cref="ServiceAccountKey"/>: what must be in it, and a sentence for each way it can be wrong.</summary>
internal static class ServiceAccountKeyFile
{
    public const string TypeName = "service_account";

    private const string Expected = "a service account key";
    private const string HowToMake = "make one with: gcloud iam service-accounts keys create key.json --iam-account EMAIL";

    private static readonly string[] Required = ["client_email", "private_key"];

    public static ServiceAccountKey Read(ReadOnlyMemory<byte> utf8, string source) =>
        CredentialJson.Read(utf8, source, Expected, file =>
        {
            var type = file.Text("type");
            return type is TypeName
                ? Read(file)
                : throw CredentialJson.Unusable(
                    $"{source} is {CredentialFile.NameOfType(type, file)}, not {Expected} (\"type\": \"{TypeName}\"); {HowToMake}.");
        });

    /// <summary>Reads what is known to be a service account key.</summary>
    public static ServiceAccountKey Read(CredentialJson file)
    {
        string[] missing = [.. Required.Where(name => file.Text(name) is null or "")];
        if (missing.Length > 0)
        {
            throw CredentialJson.Unusable(
                $"{file.Source} is {Expected} without {string.Join(" and ", missing.Select(name => $"\"{name}\""))}; "
                + "it was cut down or written by hand. Use the file as Google made it.");
        }

        var universe = file.Universe();
        return new(
            file.Text("client_email")!,
            RsaPem.Parse(file.Text("private_key")!, file.Place("private_key")),
            file.Address("token_uri") ?? new GoogleEndpoints().Token(universe))
        {
            ProjectId = file.Text("project_id"),
            PrivateKeyId = file.Text("private_key_id"),
            UniverseDomain = universe,
        };
    }
}
