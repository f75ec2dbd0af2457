namespace Mds.Metadata;

/// <summary>One thing that is wrong in a claims document.</summary>
/// <param name="Line">The line it is on; the first is 1.</param>
/// <param name="Column">The character of that line it begins at; the first is 1.</param>
/// <param name="JsonPath">Where in the document it is, such as <c>$.instance.id</c>.</param>
/// <param name="Message">A sentence that says what was found and what is expected.</param>
public sealed record ClaimsError(int Line, int Column, string JsonPath, string Message)
{
    /// <summary>The error in one line: position, JSON path and sentence.</summary>
    public override string ToString() => $"line {Line}, column {Column}, {JsonPath}: {Message}";
}
