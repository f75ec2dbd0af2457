namespace Mds.Metadata;

/// <summary>The kinds of JSON value.</summary>
internal enum ClaimValueKind
{
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}
