using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>
/// Sends commands: frame, authorisations, encryption, and the check of what comes back (Part 1, 18). One command at a
/// time; whoever uses it keeps others away.
/// </summary>
internal sealed class TpmChannel(ITpmTransport transport, TpmAddress address, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Where the TPM is.</summary>
    public TpmAddress Address => address;

    /// <summary>Sends a command.</summary>
    /// <param name="code">Which.</param>
    /// <param name="handles">The handles; those that must be authorised come first.</param>
    /// <param name="authorizations">What authorises them, in their order; beyond them a session that only encrypts.</param>
    /// <param name="parameters">The parameters. Where a session encrypts, the first must be a TPM2B.</param>
    /// <param name="responseHandles">How many handles the response begins with.</param>
    /// <returns>The response's handles and parameters.</returns>
    /// <exception cref="TpmResponseException">The TPM refused.</exception>
    /// <exception cref="TpmException">The TPM went away, or the answer is not its own.</exception>
    public TpmReader Execute(
        TpmCc code,
        IReadOnlyList<TpmEntity> handles,
        IReadOnlyList<TpmAuthorization> authorizations,
        ReadOnlySpan<byte> parameters,
        int responseHandles = 0)
    {
        var command = Compose(code, handles, authorizations, parameters);
        var response = Send(code, command.Written);
        var reader = new TpmReader(response);
        var tag = reader.UInt16();
        reader.UInt32();
        var result = reader.UInt32();
        if (result != TpmRc.Success)
        {
            throw new TpmResponseException(code, result);
        }

        try
        {
            // An answer without authorisations would be an answer without proof.
            return authorizations.Count == 0 ? reader
                : tag == TpmSt.Sessions ? Verified(code, reader, authorizations, responseHandles)
                : throw new TpmFormatException();
        }
        catch (TpmFormatException e)
        {
            throw Tampered(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();

    private static TpmWriter Compose(
        TpmCc code, IReadOnlyList<TpmEntity> handles, IReadOnlyList<TpmAuthorization> authorizations, ReadOnlySpan<byte> parameters)
    {
        var command = new TpmWriter();
        command.UInt16(authorizations.Count == 0 ? TpmSt.NoSessions : TpmSt.Sessions).UInt32(0).UInt32((uint)code);
        foreach (var handle in handles)
        {
            command.UInt32(handle.Handle);
        }

        foreach (var authorization in authorizations)
        {
            authorization.Session?.RollCaller();
        }

        // Encrypted first, hashed after (Part 1, 21.1).
        var sent = parameters.ToArray();
        var encrypting = authorizations.FirstOrDefault(authorization => authorization.Encrypts);
        encrypting?.EncryptParameter(sent.AsSpan(sizeof(ushort), BinaryPrimitives.ReadUInt16BigEndian(sent)));
        if (authorizations.Count > 0)
        {
            var start = command.Written.Length;
            command.UInt32(0);
            var hash = CommandHash(code, handles, sent);
            for (var i = 0; i < authorizations.Count; i++)
            {
                var other = i == 0 && encrypting is not null && encrypting != authorizations[0];
                authorizations[i].Write(command, hash, other ? encrypting!.Session!.NonceTpm : []);
            }

            command.Patch(start, (uint)(command.Written.Length - start - sizeof(uint)));
        }

        command.Bytes(sent).Patch(sizeof(ushort), (uint)command.Written.Length);
        return command;
    }

    // cpHash: the code, the name of each handle, the parameters as sent (Part 1, 18.7).
    private static byte[] CommandHash(TpmCc code, IReadOnlyList<TpmEntity> handles, ReadOnlySpan<byte> parameters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(TpmEntity.Permanent((uint)code).Name);
        foreach (var handle in handles)
        {
            hash.AppendData(handle.Name);
        }

        hash.AppendData(parameters);
        return hash.GetHashAndReset();
    }

    // rpHash: the result, the code, the parameters (Part 1, 18.8).
    private TpmReader Verified(TpmCc code, TpmReader reader, IReadOnlyList<TpmAuthorization> authorizations, int responseHandles)
    {
        var handles = reader.Bytes(responseHandles * sizeof(uint));
        var parameters = reader.Bytes(checked((int)Math.Min(reader.UInt32(), int.MaxValue)));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(TpmEntity.Permanent(TpmRc.Success).Name);
        hash.AppendData(TpmEntity.Permanent((uint)code).Name);
        hash.AppendData(parameters);
        var responseHash = hash.GetHashAndReset();
        foreach (var authorization in authorizations)
        {
            if (!authorization.Verify(ref reader, responseHash))
            {
                throw Tampered(null);
            }
        }

        return reader.Rest.IsEmpty ? new TpmReader((byte[])[.. handles, .. parameters]) : throw new TpmFormatException();
    }

    // Some answers only mean "once more": the same bytes, because the nonces have not rolled.
    private byte[] Send(TpmCc code, ReadOnlySpan<byte> command)
    {
        var began = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var response = transport.Exchange(command);
            var result = BinaryPrimitives.ReadUInt32BigEndian(response.AsSpan(sizeof(ushort) + sizeof(uint)));
            if (!TpmResponseException.IsRepeatable(result))
            {
                return response;
            }

            if (time.GetElapsedTime(began) > Patience)
            {
                throw new TpmException(
                    TpmFault.Silent,
                    $"The TPM {address} has been busy with itself for {Patience.TotalSeconds:0} s (TPM2_{code}: 0x{result:X3}).");
            }

            Task.Delay(pause, time).GetAwaiter().GetResult();
        }
    }

    private TpmException Tampered(Exception? cause) => new(
        TpmFault.Untrusted,
        $"An answer of the TPM {address} was changed on its way, or is not the TPM's own: its proof is wrong. "
        + "Nothing of it was used.",
        cause);
}
