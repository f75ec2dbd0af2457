namespace Mds.Tpm;

/// <summary>
/// A TPM behind a character device. The driver takes a command in one write and gives its answer to the reads
/// that follow (kernel: drivers/char/tpm/tpm-dev-common.c).
/// </summary>
internal sealed class DeviceTransport : ITpmTransport
{
    private readonly string _path;
    private readonly FileStream _device;
    private readonly byte[] _buffer = new byte[TpmFrame.MaximumLength];

    /// <summary>Opens the device.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="TpmException">It is not there, or may not be opened.</exception>
    public DeviceTransport(string path)
    {
        _path = path;
        try
        {
            // Without a buffer of .NET's own: each write is a command.
            _device = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw DeviceTrouble.Explain(path, e);
        }

        // An ordinary file would take the first command as its new content.
        if (_device.CanSeek)
        {
            _device.Dispose();
            throw DeviceTrouble.NoDevice(path);
        }
    }

    /// <inheritdoc/>
    public byte[] Exchange(ReadOnlySpan<byte> command)
    {
        try
        {
            _device.Write(command);
            // Mostly all at once; what a smaller read left is there for the next one.
            var received = _device.ReadAtLeast(_buffer, TpmFrame.HeaderLength);
            var length = TpmFrame.LengthOf(_buffer, _path);
            if (received < length)
            {
                _device.ReadExactly(_buffer.AsSpan(received, length - received));
            }

            var response = TpmFrame.Complete(_buffer.AsSpan(0, Math.Max(received, length)), _path);
            // As a FIFO does, which looks like a response otherwise.
            return response.AsSpan().SequenceEqual(command) ? throw DeviceTrouble.NoDevice(_path) : response;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            throw new TpmException(TpmFault.Unreachable, $"The TPM {_path} went away: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();
}
