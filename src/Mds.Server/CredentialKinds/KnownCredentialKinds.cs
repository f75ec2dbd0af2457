namespace Mds.Server.CredentialKinds;

/// <summary>Every kind of credential there is. Reading, key checks and errors all go by this list.</summary>
internal static class KnownCredentialKinds
{
    /// <summary>All kinds, in the order in which errors name them.</summary>
    public static IReadOnlyList<CredentialKind> All { get; } =
        [
            ServiceAccountKeySettings.Described, ImpersonationSettings.Described, WorkloadIdentitySettings.Described,
            GcloudSettings.Described, UpstreamSettings.Described, TpmSettings.Described, LocalSettings.Described,
            StaticSettings.Described,
        ];

    /// <summary>The kind with this name; <see langword="null"/> when there is none.</summary>
    /// <param name="name">The key of the settings.</param>
    public static CredentialKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);
}
