namespace ControlPlane;

/// <summary>Finds the programs of a control plane on this machine.</summary>
internal static class KubernetesBinaries
{
    public static string ApiServer => Find("kube-apiserver", Assets(), Cache("kubernetes-1.20.2"));

    public static string Etcd => Find("etcd", [.. Assets(), "/usr/bin", "/usr/local/bin"]);

    // KUBEBUILDER_ASSETS is the convention of Kubernetes' own envtest.
    private static string[] Assets() => Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } folder ? [folder] : [];

    private static string Cache(string subfolder)
    {
        var cache = Environment.GetEnvironmentVariable("MDS_CACHE");
        if (string.IsNullOrEmpty(cache))
        {
            var home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            cache = Path.Combine(
                string.IsNullOrEmpty(home)
                    ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache")
                    : home,
                "mds");
        }

        return Path.Combine(cache, subfolder);
    }

    private static string Find(string name, string[] assets, params string[] others)
    {
        string[] candidates = [.. assets.Concat(others).Select(folder => Path.Combine(folder, name))];
        return Array.Find(candidates, File.Exists) ?? throw new FileNotFoundException(
            $"{name} is needed and is not at {string.Join(" nor at ", candidates)}. Run `make kubernetes`, or set KUBEBUILDER_ASSETS to the folder that has it.");
    }

    private static string Find(string name, string[] folders) => Find(name, folders, []);
}
