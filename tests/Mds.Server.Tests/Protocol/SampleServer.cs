namespace Mds.Server.Tests.Protocol;

/// <summary>One listener for the tests that only read, with a small machine behind it.</summary>
public sealed class SampleServer : IAsyncLifetime
{
    public const string Email = "123456789012-compute@developer.gserviceaccount.com";

    internal const string Claims = """
        {
          "instance": {
            "id": 4520031799277581759,
            "name": "web-1",
            "description": "",
            "disks": [
              {"deviceName": "web-1", "index": 0, "mode": "READ_WRITE", "type": "PERSISTENT"},
              {"deviceName": "data-1", "index": 1, "mode": "READ_ONLY", "type": "PERSISTENT"}
            ],
            "attributes": {"cluster-name": "lab"},
            "tags": ["http-server", "https-server"],
            "serviceAccounts": {"default": {
              "email": "123456789012-compute@developer.gserviceaccount.com",
              "scopes": ["https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email"]}},
            "zone": "projects/123456789012/zones/europe-west1-b"
          },
          "project": {"projectId": "example-project", "numericProjectId": 123456789012}
        }
        """;

    internal MetadataListener Listener { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Listener = await MetadataListener.StartAsync(Claims);

    public ValueTask DisposeAsync() => Listener.DisposeAsync();
}
