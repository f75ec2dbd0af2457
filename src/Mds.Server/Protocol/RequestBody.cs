namespace Mds.Server.Protocol;

/// <summary>The bodies of the few requests that have one.</summary>
internal static class RequestBody
{
    /// <summary>Reads a body, whatever its type says: clients send forms, JSON and nothing (Google's cloud-image-tests do each).</summary>
    /// <param name="request">The request.</param>
    /// <param name="longest">As many bytes as it may have.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns><see langword="null"/> when it is longer.</returns>
    public static async ValueTask<byte[]?> ReadAsync(HttpRequest request, int longest, CancellationToken cancellationToken)
    {
        if (request.ContentLength > longest)
        {
            return null;
        }

        using var body = new MemoryStream();
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            foreach (var segment in read.Buffer)
            {
                body.Write(segment.Span);
            }

            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (body.Length > longest)
            {
                return null;
            }

            if (read.IsCompleted)
            {
                return body.ToArray();
            }
        }
    }
}
