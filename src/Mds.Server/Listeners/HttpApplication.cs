using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.Listeners;

/// <summary>
/// What Kestrel calls for each request: finds out which listener took it and hands it to that listener's handler. A
/// connection's context object is used again for its next request.
/// </summary>
/// <param name="metadata">Answers on the metadata listener.</param>
/// <param name="admin">Answers on the admin listener.</param>
/// <param name="issuer">Answers on the local issuer's listener.</param>
internal sealed class HttpApplication(RequestDelegate metadata, RequestDelegate admin, RequestDelegate issuer)
    : IHttpApplication<DefaultHttpContext>
{
    /// <inheritdoc/>
    public DefaultHttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        var container = contextFeatures as IHostContextContainer<DefaultHttpContext>;
        if (container?.HostContext is { } used)
        {
            used.Initialize(contextFeatures);
            return used;
        }

        var context = new DefaultHttpContext(contextFeatures);
        if (container is not null)
        {
            container.HostContext = context;
        }

        return context;
    }

    /// <inheritdoc/>
    public Task ProcessRequestAsync(DefaultHttpContext context) =>
        context.Features.Get<ListenerFeature>() switch
        {
            { Kind: ListenerKind.Metadata } => metadata(context),
            { Kind: ListenerKind.Admin } => admin(context),
            { Kind: ListenerKind.Issuer } => issuer(context),
            _ => throw new InvalidOperationException("The connection does not say which listener took it."),
        };

    /// <inheritdoc/>
    public void DisposeContext(DefaultHttpContext context, Exception? exception) => context.Uninitialize();
}
