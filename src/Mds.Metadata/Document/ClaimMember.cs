namespace Mds.Metadata;

/// <summary>A key of a JSON object with its value.</summary>
/// <param name="Name">The key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Offset">The byte of the document at which the key begins; -1 where the document does not hold it.</param>
internal readonly record struct ClaimMember(string Name, ClaimValue Value, int Offset = -1);
