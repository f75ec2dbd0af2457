using Mds.Credentials;

namespace Mds.Server.CredentialKinds;

/// <summary>
/// Who speaks for one account, as the settings say it. Each kind is one derived record, which also says how it is read
/// (<see cref="CredentialKind"/>), which files it is made of and how its tokens are made.
/// </summary>
/// <param name="Account">The account's key in the tree: <c>default</c> or an e-mail address.</param>
internal abstract record CredentialSettings(string Account)
{
    /// <summary>The account that every client asks for unless told otherwise.</summary>
    public const string DefaultAccount = "default";

    /// <summary>The kind of credential, in the custom resource's word.</summary>
    public abstract string Kind { get; }

    /// <summary>
    /// The files that the credential is made of: when one changes, it is loaded again. Asked for again then, since there may
    /// be others.
    /// </summary>
    public virtual IReadOnlyList<string> Files => [];

    /// <summary>Whether a text can be an account's key in the tree, which is a segment of paths and a line of listings.</summary>
    /// <param name="text">The text.</param>
    public static bool IsAccount(string text) =>
        text.Length > 0 && !text.Any(c => c == '/' || char.IsWhiteSpace(c) || char.IsControl(c));

    /// <summary>Makes of the settings and of the files' contents what tokens are made with. Asks nobody.</summary>
    /// <param name="files">The contents of <see cref="Files"/> at one moment.</param>
    /// <param name="surroundings">What the credential stands in.</param>
    /// <exception cref="TokenSourceException">
    /// Nothing can be made of them. The message says what to do, and never quotes what is secret.
    /// </exception>
    public abstract LoadedCredential Load(CredentialFiles files, CredentialSurroundings surroundings);
}
