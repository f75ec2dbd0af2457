using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mds.Operator.Tests.Cluster;

/// <summary>
/// What a node would run: a pod of an emulator's Deployment whose <c>/status</c> a real listener on 127.0.0.1 answers. The
/// test does the work of the kubelet and of the controllers, of which there are none.
/// </summary>
internal sealed class ServerPodStandIn : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly WebApplication _server;
    private readonly string _namespace;
    private volatile string _report;

    private ServerPodStandIn(KubeClient client, WebApplication server, string @namespace, string name, string report) =>
        (_client, _server, _namespace, Name, _report) = (client, server, @namespace, name, report);

    /// <summary>The pod's name.</summary>
    public string Name { get; }

    /// <summary>A report of a server whose claims are good.</summary>
    /// <param name="credentials">Its credentials, as JSON.</param>
    public static string Report(string credentials = "[]") =>
        $$"""{"version":"0.1.0","claims":{"valid":true,"source":"claims.json","hash":"","error":null},"credentials":{{credentials}}}""";

    /// <summary>Creates a running, ready pod from the Deployment's template.</summary>
    public static async Task<ServerPodStandIn> StartAsync(
        KubeClient client, JsonObject deployment, string report, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        ServerPodStandIn? pod = null;
        server.Run(context => context.Request.Path == "/status"
            ? context.Response.WriteAsync(pod!._report, context.RequestAborted)
            : Task.FromException(new InvalidOperationException($"Nobody should ask for {context.Request.Path}.")));
        await server.StartAsync(cancellationToken);
        var port = new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

        var @namespace = KubeJson.NamespaceOf(deployment)!;
        var template = deployment["spec"]!["template"]!.DeepClone().AsObject();
        var name = $"{KubeJson.NameOf(deployment)}-{Guid.NewGuid():N}"[..(KubeJson.NameOf(deployment).Length + 6)];
        template["metadata"]!["name"] = name;
        template["metadata"]!["namespace"] = @namespace;
        template["apiVersion"] = "v1";
        template["kind"] = "Pod";
        template["spec"]!["containers"]![0]!["ports"]!.AsArray().Single(entry => (string?)entry!["name"] == "admin")!["containerPort"] = port;
        pod = new ServerPodStandIn(client, server, @namespace, name, report);
        await client.CreateAsync(KubeResources.Pods, template, cancellationToken: cancellationToken);
        await pod.SetStatusAsync(
            """{"phase": "Running", "podIP": "127.0.0.1", "conditions": [{"type": "Ready", "status": "True"}]}""", cancellationToken);
        return pod;
    }

    /// <summary>Does what the EndpointSlice controller does when a pod of a Service is ready.</summary>
    /// <param name="labels">The Service's labels.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task RouteAsync(JsonNode labels, CancellationToken cancellationToken)
    {
        var carried = labels.DeepClone();
        carried["kubernetes.io/service-name"] = EmulatorScenario.ObjectName;
        return _client.CreateAsync(
            KubeResources.EndpointSlicesV1Beta1,
            new JsonObject
            {
                ["apiVersion"] = KubeResources.EndpointSlicesV1Beta1.ApiVersion,
                ["kind"] = KubeResources.EndpointSlicesV1Beta1.Kind,
                ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = _namespace, ["labels"] = carried },
                ["addressType"] = "IPv4",
                // Not the pod's 127.0.0.1, which no endpoint may have.
                ["endpoints"] = JsonNode.Parse(
                    $$$"""[{"addresses": ["10.244.0.7"], "conditions": {"ready": true}, "targetRef": {"kind": "Pod", "name": "{{{Name}}}"}}]"""),
            },
            cancellationToken: cancellationToken);
    }

    /// <summary>Answers differently from now on.</summary>
    public void Say(string report) => _report = report;

    /// <summary>Says what the kubelet says of the pod.</summary>
    public Task SetStatusAsync(string status, CancellationToken cancellationToken) => _client.PatchAsync(
        KubeResources.Pods, _namespace, Name, new JsonObject { ["status"] = JsonNode.Parse(status) }, "status", cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
