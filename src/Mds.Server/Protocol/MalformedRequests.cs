using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.Protocol;

/// <summary>
/// Gives the form of a metadata server's errors to what Kestrel refuses before anybody sees a request: what is no HTTP, too
/// long or too slow. Kestrel tells of it before it answers, and leaves an answer alone that has begun; but in that moment there
/// may be nothing yet to write a body with. So the body follows when Kestrel is done with the connection, which such an answer ends.
/// </summary>
/// <param name="flavor">Whose form.</param>
internal sealed class MalformedRequests(Flavor flavor) : IObserver<KeyValuePair<string, object?>>
{
    /// <summary>By what name Kestrel tells of it (docs: Kestrel diagnostics), with the features of the request.</summary>
    public const string EventName = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private readonly ResponseWriter _writer = new(flavor.Headers);

    /// <summary>Serves a connection until it ends.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="http">Kestrel's HTTP.</param>
    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        var last = new LastBody();
        connection.Features.Set(last);
        await http(connection);
        if (last.Bytes is not { } bytes)
        {
            return;
        }

        try
        {
            // The head, which Kestrel has not sent yet, with it.
            await connection.Transport.Output.WriteAsync(bytes);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client hung up, or the server ended the connection.
        }
    }

    /// <inheritdoc/>
    public void OnNext(KeyValuePair<string, object?> value)
    {
        // The other listeners' connections have no place for the body, and keep Kestrel's answer.
        if (value.Value is not IFeatureCollection features
            || features.Get<LastBody>() is not { } last
            || features.Get<IHttpResponseFeature>() is not { HasStarted: false })
        {
            return;
        }

        var context = new DefaultHttpContext(features);
        var answer = flavor.Dress(Answer.Malformed(context.Response.StatusCode));
        _writer.WriteHead(context.Response, answer);
        _ = features.GetRequiredFeature<IHttpResponseBodyFeature>().StartAsync();
        // Where not even the method could be read, it has a body.
        last.Bytes = HttpMethods.IsHead(context.Request.Method) ? ReadOnlyMemory<byte>.Empty : answer.Body;
    }

    /// <inheritdoc/>
    public void OnCompleted()
    {
    }

    /// <inheritdoc/>
    public void OnError(Exception error)
    {
    }

    private sealed class LastBody
    {
        public ReadOnlyMemory<byte>? Bytes { get; set; }
    }
}
