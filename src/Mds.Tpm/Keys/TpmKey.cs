using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>
/// An RSA key whose private half is in a TPM. Many may ask at once; they are served in their order. A TPM that was
/// restarted, or unplugged and is back, is made ready again by the next signature. After the refusal of a password
/// nothing more is sent for this key, because a TPM locks itself for everybody after a few.
/// </summary>
public sealed class TpmKey : IDisposable
{
    private const uint FamilyIndicator = 0x100; // Part 2, 6.13, TPM_PT_FAMILY_INDICATOR

    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private readonly TpmKeyOptions _options;
    private readonly SecretBytes _keyPassword;
    private readonly SecretBytes _parentPassword;
    private readonly KeyLoader _loader;
    private readonly TpmQueue _queue;
    private readonly Dictionary<int, byte[]> _pcrsAtLastSignature = [];
    private volatile TpmException? _refusal;
    private LoadedKey? _loaded;
    private RSA? _public;
    private int _disposed;
    private bool _hasLeft; // the queue's

    /// <summary>Creates the key; the TPM is not asked yet.</summary>
    /// <param name="options">Which key.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="TpmException">The options cannot be meant.</exception>
    public TpmKey(TpmKeyOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        if (options.Problems().FirstOrDefault() is { } problem)
        {
            throw new TpmException(TpmFault.Unusable, problem);
        }

        _keyPassword = SecretBytes.Password(options.KeyPassword.Span);
        _parentPassword = SecretBytes.Password(options.ParentPassword.Span);
        _options = options with { KeyPassword = default, ParentPassword = default };
        _loader = new KeyLoader(_options, _keyPassword, _parentPassword);
        if (options.KeyFile?.Public is { Rsa: { } known })
        {
            _public = RSA.Create(known);
        }

        _queue = TpmQueue.Join(options.Address, time);
    }

    /// <summary>Why nothing is signed any more; <see langword="null"/> while no password has been refused.</summary>
    public TpmException? Refusal => _refusal;

    /// <summary>
    /// How long whoever asks waits at most until a TPM that does not answer is called silent: behind one who found it so, a
    /// whole turn, and another one.
    /// </summary>
    public TimeSpan LongestWait => 2 * (SocketTransport.ConnectTimeout + _options.Address.AnswerTimeout);

    /// <summary>
    /// The SHA-256 hash of the public key (SubjectPublicKeyInfo), as <c>openssl pkey -pubin -outform DER | sha256sum</c> prints it;
    /// <see langword="null"/> until the TPM has told the key, which a key file does by itself.
    /// </summary>
    public string? Fingerprint =>
        Volatile.Read(ref _public) is { } key ? Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo())) : null;

    /// <summary>The public half.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TpmException">The TPM has to be asked, and cannot tell.</exception>
    public async Task<RSAParameters> GetPublicKeyAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _public) is { } known)
        {
            return known.ExportParameters(includePrivateParameters: false);
        }

        return await TurnAsync(connection => Loaded(connection).Public.Rsa!.Value, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Signs a hash with RSASSA-PKCS1-v1_5.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="algorithm">Which hash it is; keys made for Google sign SHA-256.</param>
    /// <param name="cancellationToken">Gives the place in the queue up.</param>
    /// <returns>The signature, which has been verified.</returns>
    /// <exception cref="TpmException">The TPM cannot or will not sign.</exception>
    public Task<byte[]> SignHashAsync(ReadOnlyMemory<byte> hash, HashAlgorithmName algorithm, CancellationToken cancellationToken) =>
        TurnAsync(connection => Sign(connection, hash.Span, algorithm), cancellationToken);

    /// <summary>Finds out all there is to say about the TPM and the key, without signing.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TpmException">The TPM or the key cannot be used.</exception>
    public Task<TpmInspection> InspectAsync(CancellationToken cancellationToken) =>
        TurnAsync(connection => TpmInspection.Of(connection.Commands, Loaded(connection), _options), cancellationToken);

    /// <summary>Takes the key out of the TPM again and clears the passwords, after the signatures that wait.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        var last = _queue.RunLastAsync(connection =>
        {
            _hasLeft = true;
            _keyPassword.Dispose();
            _parentPassword.Dispose();
            if (_loaded is { } loaded && loaded.Connection == connection)
            {
                loaded.Flush();
            }
        });
        _queue.Leave();
        // A process that ends should leave nothing behind in a TPM without a resource manager.
        Task.WhenAny(last, Task.Delay(FlushTimeout)).GetAwaiter().GetResult();
    }

    /// <summary>Names the key only.</summary>
    public override string ToString() => _options.ToString();

    private Task<T> TurnAsync<T>(Func<TpmConnection, T> turn, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return _refusal is { } refusal
            ? Task.FromException<T>(Again(refusal))
            : _queue.RunAsync(connection => Guarded(connection, turn), cancellationToken);
    }

    private T Guarded<T>(TpmConnection connection, Func<TpmConnection, T> turn)
    {
        // Whoever asked while it was let go of has come too late: without its password it would only be refused.
        ObjectDisposedException.ThrowIf(_hasLeft, this);
        // Somebody may have been refused while this one waited.
        if (_refusal is { } refusal)
        {
            throw Again(refusal);
        }

        try
        {
            return turn(connection);
        }
        catch (TpmException e) when (e.Fault is TpmFault.PasswordRefused)
        {
            _refusal = e;
            throw;
        }
    }

    private byte[] Sign(TpmConnection connection, ReadOnlySpan<byte> hash, HashAlgorithmName algorithm)
    {
        var key = Loaded(connection);
        byte[] signature;
        try
        {
            signature = key.Sign(hash, RsaSsa.Require(algorithm, hash.Length, key.Public, _options), _keyPassword, _options.Pcrs);
        }
        catch (TpmResponseException e) when (e.IsWrongPassword && key.Requirement.Use is not KeyUse.Pcrs)
        {
            throw KeyChecks.WrongPassword(connection.Commands, $"the key ({_options})", _keyPassword.IsEmpty ? null : "keyPassword", e);
        }
        catch (TpmResponseException e) when (e.Kind is TpmRc.PolicyFail or TpmRc.Value && key.Requirement.Use is KeyUse.Pcrs)
        {
            throw ExplainPcrs(connection.Commands, e);
        }

        if (!_public!.VerifyHash(hash, signature, algorithm, RSASignaturePadding.Pkcs1))
        {
            throw new TpmException(
                TpmFault.Untrusted, $"The TPM {_options.Address} gave a signature that does not fit the key; it was changed on its way. It was not used.");
        }

        NotePcrs(connection.Commands);
        return signature;
    }

    private LoadedKey Loaded(TpmConnection connection)
    {
        if (_loaded?.Connection == connection)
        {
            return _loaded;
        }

        RequireTpm2(connection.Commands);
        var previous = _loaded;
        _loaded = _loader.Load(connection);
        if (previous is not null && !previous.Entity.Name.AsSpan().SequenceEqual(_loaded.Entity.Name))
        {
            _pcrsAtLastSignature.Clear();
        }

        var key = RSA.Create(_loaded.Public.Rsa!.Value);
        Volatile.Write(ref _public, key);
        return _loaded;
    }

    private void RequireTpm2(TpmCommands commands)
    {
        if (commands.Property(FamilyIndicator) != 0x322E3000) // "2.0" and a zero byte
        {
            throw new TpmException(TpmFault.NotTpm2, $"What is at {_options.Address} does not call itself a TPM 2.0.");
        }
    }

    // Once for a key: what it is bound to is what the PCRs held when it first signed.
    private void NotePcrs(TpmCommands commands)
    {
        if (_pcrsAtLastSignature.Count == 0 && _options.Pcrs.Count > 1)
        {
            foreach (var pcr in _options.Pcrs)
            {
                _pcrsAtLastSignature[pcr] = commands.PcrRead(pcr);
            }
        }
    }

    private TpmException ExplainPcrs(TpmCommands commands, TpmResponseException e)
    {
        var changed = _pcrsAtLastSignature.Where(noted => !noted.Value.AsSpan().SequenceEqual(commands.PcrRead(noted.Key)))
            .Select(noted => noted.Key).ToList();
        return KeyChecks.WrongPcrs(changed.Count > 0 ? changed : _options.Pcrs, changed.Count > 0, _options.Address, e);
    }

    private static TpmException Again(TpmException refusal) => new(refusal.Fault, refusal.Message, refusal);
}
