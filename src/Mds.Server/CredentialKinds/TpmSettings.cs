using System.Globalization;
using System.Text;
using Mds.Credentials;
using Mds.Server.Settings;
using Mds.Tpm;

namespace Mds.Server.CredentialKinds;

/// <summary>A service account's key that is inside a TPM 2.0.</summary>
/// <param name="Account">The account.</param>
/// <param name="Tpm">Where the TPM is.</param>
internal sealed record TpmSettings(string Account, TpmAddress Tpm) : CredentialSettings(Account)
{
    /// <summary>The kind.</summary>
    public static CredentialKind Described { get; } = new(
        "tpm",
        [
            new("device", "tpm-path"), new("address"), new("persistentHandle", "persistentHandle"), new("keyFile", "keyfile"),
            new("keyPassword", "keyPass"), new("keyPasswordFile", "keyPassFile"),
            new("parentPassword", "parentPass"), new("parentPasswordFile", "parentPassFile"),
            new("pcrs", "pcrs", IsList: true), new("endorsementParent", "useEKParent"),
            new("sessionEncryptionName", "tpm-session-encrypt-with-name"), new("useOauthToken", "useOauthToken"),
            new("keyId", "keyId"),
        ],
        Read)
    {
        Switch = "tpm",
        Title = "a key in a TPM",
    };

    /// <inheritdoc/>
    public override string Kind => Described.Name;

    /// <summary>The key's persistent handle.</summary>
    public uint? PersistentHandle { get; init; }

    /// <summary>Or its file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The key's password.</summary>
    public SettingsPassword KeyPassword { get; init; } = SettingsPassword.None;

    /// <summary>The password of its parent, or of the endorsement hierarchy.</summary>
    public SettingsPassword ParentPassword { get; init; } = SettingsPassword.None;

    /// <summary>The PCRs that it is bound to.</summary>
    public IReadOnlyList<int> Pcrs { get; init; } = [];

    /// <summary>Whether its parent is the endorsement key.</summary>
    public bool EndorsementParent { get; init; }

    /// <summary>The name of the endorsement key that is encrypted for.</summary>
    public string? SessionEncryptionName { get; init; }

    /// <summary>Whether access tokens are asked of Google; otherwise they are signed here.</summary>
    public bool UseOauthToken { get; init; }

    /// <summary>The id that Google gave the key's public half.</summary>
    public string? KeyId { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files =>
        [.. new[] { KeyFile, KeyPassword.File, ParentPassword.File }.OfType<string>()];

    /// <inheritdoc/>
    public override LoadedCredential Load(CredentialFiles files, CredentialSurroundings surroundings)
    {
        var key = OpenKey(files, surroundings.Time);
        return new LoadedCredential
        {
            Source = email => (email ?? (Account.Contains('@', StringComparison.Ordinal) ? Account : null)) is { } owner
                ? new TpmSource(key, owner, surroundings.Time, UseOauthToken, surroundings.EndpointsOfTheMachine, KeyId)
                : new UnusableSource(new(Kind, null), new(
                    TokenSourceFault.Unusable,
                    "Nothing says whose key the TPM holds. Give the account's e-mail address in the claims, or in GOOGLE_SERVICE_ACCOUNT.")),
            Description = Account.Contains('@', StringComparison.Ordinal) ? new(Kind, Account) : null,
            KeyFingerprint = () => key.Fingerprint,
            Refusal = () => key.Refusal?.Message,
            Held = key,
        };
    }

    /// <summary>Makes the key of the files' contents. The TPM is not asked yet.</summary>
    /// <param name="files">The contents.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="TokenSourceException">Nothing can be made of them.</exception>
    public TpmKey OpenKey(CredentialFiles files, TimeProvider time)
    {
        try
        {
            return new TpmKey(
                new TpmKeyOptions
                {
                    Address = Tpm,
                    PersistentHandle = PersistentHandle,
                    KeyFile = KeyFile is null ? null : Tss2PrivateKey.Parse(Encoding.UTF8.GetString(files.Bytes(KeyFile).Span), KeyFile),
                    KeyPassword = KeyPassword.Read(files),
                    ParentPassword = ParentPassword.Read(files),
                    Pcrs = Pcrs,
                    EndorsementParent = EndorsementParent,
                    SessionEncryptionName = SessionEncryptionName,
                },
                time);
        }
        catch (TpmException e)
        {
            throw TpmSource.Explain(e);
        }
    }

    /// <inheritdoc/>
    public bool Equals(TpmSettings? other) =>
        other is not null && (Account, Tpm, PersistentHandle, KeyFile, KeyPassword, ParentPassword, EndorsementParent, SessionEncryptionName, UseOauthToken, KeyId)
            == (other.Account, other.Tpm, other.PersistentHandle, other.KeyFile, other.KeyPassword, other.ParentPassword,
                other.EndorsementParent, other.SessionEncryptionName, other.UseOauthToken, other.KeyId)
        && Pcrs.SequenceEqual(other.Pcrs);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Account, Tpm, PersistentHandle, KeyFile);

    private static TpmSettings Read(CredentialSection section)
    {
        var settings = new TpmSettings(section.Account, Address(section))
        {
            PersistentHandle = section.Find("persistentHandle") is { } handle ? Handle(section, handle) : null,
            KeyFile = section.Text("keyFile"),
            KeyPassword = SettingsPassword.Of(section, "keyPassword"),
            ParentPassword = SettingsPassword.Of(section, "parentPassword"),
            Pcrs = [.. section.List("pcrs").Select(pcr => Pcr(section, pcr))],
            EndorsementParent = section.Flag("endorsementParent", false),
            SessionEncryptionName = section.Text("sessionEncryptionName"),
            UseOauthToken = section.Flag("useOauthToken", false),
            KeyId = section.Text("keyId"),
        };
        if ((section.Find("persistentHandle") is null) == (settings.KeyFile is null))
        {
            section.Error($"{section.Origin} says {(settings.KeyFile is null ? "not where" : "twice where")} the key is. "
                + "Give exactly one of persistentHandle (-persistentHandle) and keyFile (-keyfile).");
        }

        // What is wrong with single values, in the words of those who use them.
        foreach (var problem in new TpmKeyOptions
        {
            PersistentHandle = settings.PersistentHandle ?? 0x81000000,
            Pcrs = settings.Pcrs,
            SessionEncryptionName = settings.SessionEncryptionName,
        }.Problems())
        {
            section.Error($"{section.Origin}: {problem}");
        }

        return settings;
    }

    private static TpmAddress Address(CredentialSection section)
    {
        var (device, address) = (section.Find("device"), section.Find("address"));
        if (device is not null && address is not null)
        {
            section.Error($"{section.Origin} says twice where the TPM is. Give device or address.");
        }

        if ((device ?? address) is not { } given)
        {
            return TpmAddress.Parse(TpmAddress.DefaultDevice);
        }

        if (!TpmAddress.TryParse(given.Text, out var parsed))
        {
            section.Error($"{given.Origin}: \"{given.Text}\" is no address of a TPM. "
                + $"Give a device ({TpmAddress.DefaultDevice}), a socket (unix:/run/swtpm.sock) or HOST:PORT.");
            return TpmAddress.Parse(TpmAddress.DefaultDevice);
        }

        return parsed;
    }

    private static uint? Handle(CredentialSection section, SettingValue value)
    {
        var digits = value.Text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? value.Text[2..] : null;
        if (digits is not null
            ? uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var handle)
            : uint.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out handle))
        {
            return handle;
        }

        section.Error($"{value.Origin}: \"{value.Text}\" is no handle. Give one as in 0x81010002.");
        return null;
    }

    private static int Pcr(CredentialSection section, SettingValue value)
    {
        if (int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var pcr))
        {
            return pcr;
        }

        section.Error($"{value.Origin}: \"{value.Text}\" is not the number of a PCR. Give numbers from 0 to 23.");
        return 0;
    }
}
