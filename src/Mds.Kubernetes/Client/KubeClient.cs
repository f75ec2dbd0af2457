using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

/// <summary>
/// A client of the Kubernetes API on raw JSON: what a server sends is kept whole, whether or not this program has heard
/// of every field. All methods throw <see cref="KubeApiException"/> when the server answers with an error and
/// <see cref="HttpRequestException"/> when it can't be reached. Thread-safe.
/// </summary>
public sealed partial class KubeClient : IDisposable
{
    /// <summary>As long as the API server itself gives a request (its <c>--request-timeout</c>).</summary>
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    private readonly KubeTransport _transport;
    private readonly TimeProvider _time;

    /// <summary>Creates a client; nothing is sent yet.</summary>
    /// <param name="config">Which server, as whom.</param>
    /// <param name="time">The clock for timeouts; null is the system's.</param>
    public KubeClient(KubeConfig config, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        _time = time ?? TimeProvider.System;
        _transport = new KubeTransport(config, _time);
    }

    /// <summary>Which server the client talks to, as whom.</summary>
    public KubeConfig Config { get; }

    /// <inheritdoc/>
    public void Dispose() => _transport.Dispose();

    /// <summary>Reads an object.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace; null for types without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public Task<JsonObject> GetAsync(ResourceType type, string? ns, string name, CancellationToken cancellationToken = default) =>
        SendAsync(new KubeRequest(HttpMethod.Get, ResourcePath.For(type, ns, name)), cancellationToken);

    /// <summary>Reads an object that may not exist.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace; null for types without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object, or null when it, its namespace or its type does not exist.</returns>
    public async Task<JsonObject?> FindAsync(ResourceType type, string? ns, string name, CancellationToken cancellationToken = default)
    {
        try
        {
            return await GetAsync(type, ns, name, cancellationToken);
        }
        catch (KubeApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Reads one answer's worth of a collection: all of it, unless <see cref="ListOptions.Limit"/> is set.</summary>
    /// <param name="type">The objects' type.</param>
    /// <param name="ns">Their namespace; null for all namespaces.</param>
    /// <param name="options">Which objects, and how many.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<ResourceList> ListAsync(
        ResourceType type, string? ns = null, ListOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        options ??= new ListOptions();
        var query = ResourcePath.Query(
            ("labelSelector", options.LabelSelector),
            ("fieldSelector", options.FieldSelector),
            ("limit", options.Limit),
            ("continue", options.Continue),
            ("resourceVersion", options.ResourceVersion));
        var list = await SendAsync(new KubeRequest(HttpMethod.Get, ResourcePath.For(type, ns) + query), cancellationToken);

        var items = new List<JsonObject>();
        foreach (var item in list["items"] as JsonArray ?? [])
        {
            var resource = item!.AsObject();
            resource.TryAdd("apiVersion", type.ApiVersion);
            resource.TryAdd("kind", type.Kind);
            items.Add(resource);
        }

        var next = KubeJson.TextOf(list["metadata"]?["continue"]);
        return new ResourceList(items, KubeJson.ResourceVersionOf(list), string.IsNullOrEmpty(next) ? null : next);
    }

    /// <summary>Creates an object; its namespace and name are in its metadata.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="resource">The object.</param>
    /// <param name="fieldManager">Who owns the fields; null is the name of the program.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as the server stored it.</returns>
    public Task<JsonObject> CreateAsync(
        ResourceType type, JsonObject resource, string? fieldManager = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            new KubeRequest(
                HttpMethod.Post,
                ResourcePath.For(type, KubeJson.NamespaceOf(resource)) + ResourcePath.Query(("fieldManager", fieldManager)),
                resource),
            cancellationToken);

    /// <summary>Posts to a subresource, such as <c>token</c> of a service account or <c>eviction</c> of a pod.</summary>
    /// <param name="type">The object's type.</param>
    /// <param name="ns">Its namespace; null for types without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="subresource">The subresource.</param>
    /// <param name="body">What to post.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>What the server answered.</returns>
    public Task<JsonObject> CreateSubresourceAsync(
        ResourceType type, string? ns, string name, string subresource, JsonObject body, CancellationToken cancellationToken = default) =>
        SendAsync(new KubeRequest(HttpMethod.Post, ResourcePath.For(type, ns, name, subresource), body), cancellationToken);

    /// <summary>
    /// Server-side apply: creates the object or brings the fields it holds to their values, and removes fields this
    /// manager applied earlier and now leaves out. Fields of other managers stay.
    /// </summary>
    /// <param name="type">Its type.</param>
    /// <param name="resource">The fields to own; with <c>apiVersion</c>, <c>kind</c> and name.</param>
    /// <param name="fieldManager">Who owns the fields.</param>
    /// <param name="force">Whether to take fields that another manager owns; otherwise that is a conflict.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as the server stored it.</returns>
    public Task<JsonObject> ApplyAsync(
        ResourceType type, JsonObject resource, string fieldManager, bool force = false, CancellationToken cancellationToken = default) =>
        SendApplyAsync(type, resource, fieldManager, force, subresource: null, cancellationToken);

    /// <summary>Server-side apply of the <c>status</c> subresource; see <see cref="ApplyAsync"/>.</summary>
    /// <param name="type">The object's type.</param>
    /// <param name="resource">The status fields to own; with <c>apiVersion</c>, <c>kind</c> and name.</param>
    /// <param name="fieldManager">Who owns the fields.</param>
    /// <param name="force">Whether to take fields that another manager owns; otherwise that is a conflict.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as the server stored it.</returns>
    public Task<JsonObject> ApplyStatusAsync(
        ResourceType type, JsonObject resource, string fieldManager, bool force = false, CancellationToken cancellationToken = default) =>
        SendApplyAsync(type, resource, fieldManager, force, "status", cancellationToken);

    /// <summary>Changes an object by a JSON merge patch (RFC 7386).</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace; null for types without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="mergePatch">The changed fields; null removes one.</param>
    /// <param name="subresource">Such as <c>status</c>; null is the object itself.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as the server stored it.</returns>
    public Task<JsonObject> PatchAsync(
        ResourceType type, string? ns, string name, JsonObject mergePatch, string? subresource = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            new KubeRequest(HttpMethod.Patch, ResourcePath.For(type, ns, name, subresource), mergePatch, KubeRequest.MergePatch),
            cancellationToken);

    /// <summary>Changes an object by a JSON patch (RFC 6902).</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace; null for types without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="jsonPatch">The operations.</param>
    /// <param name="subresource">Such as <c>status</c>; null is the object itself.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as the server stored it.</returns>
    public Task<JsonObject> PatchAsync(
        ResourceType type, string? ns, string name, JsonArray jsonPatch, string? subresource = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            new KubeRequest(HttpMethod.Patch, ResourcePath.For(type, ns, name, subresource), jsonPatch, KubeRequest.JsonPatch),
            cancellationToken);

    /// <summary>
    /// Replaces an object. With the <c>resourceVersion</c> it was read with, the write fails as a conflict when somebody
    /// else wrote in between.
    /// </summary>
    /// <param name="type">Its type.</param>
    /// <param name="resource">The whole object.</param>
    /// <param name="subresource">Such as <c>status</c>; null is the object itself.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as the server stored it.</returns>
    public Task<JsonObject> ReplaceAsync(
        ResourceType type, JsonObject resource, string? subresource = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            new KubeRequest(
                HttpMethod.Put,
                ResourcePath.For(type, KubeJson.NamespaceOf(resource), KubeJson.NameOf(resource), subresource),
                resource),
            cancellationToken);

    /// <summary>Deletes an object.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ns">Its namespace; null for types without.</param>
    /// <param name="name">Its name.</param>
    /// <param name="options">What happens to its dependents, and which incarnation is meant.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>Whether there was such an object.</returns>
    public async Task<bool> DeleteAsync(
        ResourceType type, string? ns, string name, DeleteOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new DeleteOptions();
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["propagationPolicy"] = options.PropagationPolicy,
        };
        if (options.GracePeriodSeconds is { } seconds)
        {
            body["gracePeriodSeconds"] = seconds;
        }

        if (options.PreconditionUid is { } uid)
        {
            body["preconditions"] = new JsonObject { ["uid"] = uid };
        }

        try
        {
            await SendAsync(new KubeRequest(HttpMethod.Delete, ResourcePath.For(type, ns, name), body), cancellationToken);
            return true;
        }
        catch (KubeApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private Task<JsonObject> SendApplyAsync(
        ResourceType type, JsonObject resource, string fieldManager, bool force, string? subresource, CancellationToken cancellationToken) =>
        SendAsync(
            new KubeRequest(
                HttpMethod.Patch,
                ResourcePath.For(type, KubeJson.NamespaceOf(resource), KubeJson.NameOf(resource), subresource)
                    + ResourcePath.Query(("fieldManager", fieldManager), ("force", force)),
                resource,
                KubeRequest.Apply),
            cancellationToken);

    private async Task<JsonObject> SendAsync(KubeRequest request, CancellationToken cancellationToken)
    {
        var body = await _transport.SendAsync(request, RequestTimeout, cancellationToken);
        try
        {
            return JsonNode.Parse(body)!.AsObject();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new HttpRequestException($"{request} was answered with something that is no JSON object.", e);
        }
    }
}
