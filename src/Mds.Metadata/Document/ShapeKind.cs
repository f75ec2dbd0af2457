namespace Mds.Metadata;

/// <summary>What a key holds and how it is served.</summary>
internal enum ShapeKind
{
    /// <summary>A string; a leaf.</summary>
    Text,

    /// <summary>A whole number of any size; a leaf. A string of digits is taken for that number.</summary>
    Integer,

    /// <summary>A whole number or a string; a leaf (an instance id is a number on a machine and hexadecimal on Cloud Run).</summary>
    IntegerOrText,

    /// <summary>An array of strings; a leaf with one line for each.</summary>
    List,

    /// <summary>An array of strings; a leaf that is JSON unless text is asked for.</summary>
    JsonList,

    /// <summary>Any JSON value; a leaf that is that JSON (a string is itself).</summary>
    Json,

    /// <summary>An object whose keys are a table; a directory.</summary>
    Object,

    /// <summary>An object whose keys are the user's and stand in paths as they are; a directory.</summary>
    Map,

    /// <summary>An array; a directory of indices.</summary>
    Array,

    /// <summary>Whatever stands there: objects become directories, arrays of scalars list leaves, other arrays directories of indices.</summary>
    Any,

    /// <summary>A leaf that the account's credential answers with an access token.</summary>
    AccessToken,

    /// <summary>A leaf that the account's credential answers with an identity token.</summary>
    IdentityToken,
}
