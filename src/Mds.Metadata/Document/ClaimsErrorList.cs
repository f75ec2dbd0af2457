using System.Text;

namespace Mds.Metadata;

/// <summary>Collects the errors of one document and turns byte offsets into lines and columns.</summary>
internal sealed class ClaimsErrorList(ReadOnlyMemory<byte> document)
{
    private readonly List<(int Offset, ClaimsError Error)> _errors = [];

    public bool Any => _errors.Count > 0;

    public IEnumerable<ClaimsError> InDocumentOrder() => _errors.OrderBy(e => e.Offset).Select(e => e.Error);

    public void Add(int offset, JsonPath path, string message)
    {
        var before = document.Span[..Math.Clamp(offset, 0, document.Length)];
        var line = before[(before.LastIndexOf((byte)'\n') + 1)..];
        _errors.Add((offset, new ClaimsError(
            before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(line) + 1, path.ToString(), message)));
    }
}
