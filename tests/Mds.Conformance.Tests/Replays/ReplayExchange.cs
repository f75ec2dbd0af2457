namespace Mds.Conformance.Tests;

/// <summary>A request as it is sent, and what is demanded of its answer, one demand a line.</summary>
/// <param name="Request">The request line, the headers, an empty line, the body's lines.</param>
/// <param name="Demands">The demands, the status first.</param>
public sealed record ReplayExchange(IReadOnlyList<string> Request, IReadOnlyList<string> Demands)
{
    /// <summary>The bytes of the request.</summary>
    /// <param name="fill">Puts what stands for placeholders in.</param>
    public string Bytes(Func<string, string> fill)
    {
        var head = Request.TakeWhile(line => line.Length > 0);
        var body = Request.SkipWhile(line => line.Length > 0).Skip(1);
        return string.Concat(head.Select(line => fill(line) + "\r\n")) + "\r\n" + string.Join('\n', body);
    }
}
