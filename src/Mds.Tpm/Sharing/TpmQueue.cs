using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Mds.Tpm;

/// <summary>
/// One TPM and the queue of those who want it, in the order in which they came. A TPM does one thing at a time, and what
/// belongs together (a policy and the signature it allows) must not be mixed with another's; so each turn has the TPM for
/// itself, on a thread of the TPM's own, which also keeps slow devices from holding up the thread pool. There is one queue
/// for each address in a process, however many keys are used there.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The last one to leave ends the connection, on the queue's own thread.")]
internal sealed class TpmQueue
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<TpmAddress, TpmQueue> Queues = [];

    private readonly BlockingCollection<Action> _turns = [];
    private readonly TpmAddress _address;
    private readonly TimeProvider _time;
    private int _users;
    private TpmChannel? _channel;
    private TpmConnection? _connection;
    private long _connectedAt;
    private (TpmException Trouble, long Since)? _silence;

    private TpmQueue(TpmAddress address, TimeProvider time)
    {
        _address = address;
        _time = time;
        new Thread(Work) { IsBackground = true, Name = $"tpm {address}" }.Start();
    }

    /// <summary>The queue of a TPM; every call wants its <see cref="Leave"/>.</summary>
    public static TpmQueue Join(TpmAddress address, TimeProvider time)
    {
        lock (Gate)
        {
            if (!Queues.TryGetValue(address, out var queue))
            {
                Queues[address] = queue = new TpmQueue(address, time);
            }

            queue._users++;
            return queue;
        }
    }

    /// <summary>Goes away; the last one ends the connection, after the turns that wait.</summary>
    public void Leave()
    {
        lock (Gate)
        {
            if (--_users == 0)
            {
                Queues.Remove(_address);
                _turns.CompleteAdding();
            }
        }
    }

    /// <summary>Waits for a turn and takes it. What fails leaves no objects and sessions behind.</summary>
    /// <param name="turn">What to do with the TPM; it is done once more where the TPM has only forgotten what it knew.</param>
    /// <param name="cancellationToken">Gives the place in the queue up; a turn that has begun is ended, for nobody.</param>
    /// <exception cref="ObjectDisposedException">Everybody has left.</exception>
    public async Task<T> RunAsync<T>(Func<TpmConnection, T> turn, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = _time.GetTimestamp();
        try
        {
            _turns.Add(() => Complete(done, turn, asked), CancellationToken.None);
        }
        catch (InvalidOperationException e)
        {
            throw new ObjectDisposedException("The TPM is no longer in use here.", e);
        }

        await using var givingUp = cancellationToken.Register(() => done.TrySetCanceled(cancellationToken));
        return await done.Task.ConfigureAwait(false);
    }

    /// <summary>Waits for a turn to let go of what was left in the TPM.</summary>
    /// <param name="turn">What to do; it is not given a TPM that is not connected any more.</param>
    public Task RunLastAsync(Action<TpmConnection?> turn)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _turns.Add(() =>
        {
            try
            {
                turn(_connection);
            }
            catch (Exception e) when (e is TpmException or TpmResponseException or TpmFormatException)
            {
                // Gone, and what was left there with it.
                Disconnect();
            }

            done.SetResult();
        });
        return done.Task;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever goes wrong in a turn is told to who asked for it, and to nobody else.")]
    private void Complete<T>(TaskCompletionSource<T> done, Func<TpmConnection, T> turn, long asked)
    {
        if (done.Task.IsCompleted)
        {
            return; // given up
        }

        // Whoever has waited behind somebody who found the TPM silent would only wait as long once more.
        if (_silence is { } silence && asked < silence.Since)
        {
            done.TrySetException(new TpmException(silence.Trouble.Fault, silence.Trouble.Message, silence.Trouble));
            return;
        }

        try
        {
            done.TrySetResult(Attempt(turn));
        }
        catch (TpmException e) when (e.Fault is TpmFault.Silent)
        {
            _silence = (e, _time.GetTimestamp());
            done.TrySetException(e);
        }
        catch (Exception e)
        {
            done.TrySetException(e);
        }
    }

    private T Attempt<T>(Func<TpmConnection, T> turn)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            var connection = _connection ??= Connect();
            try
            {
                return turn(connection);
            }
            catch (TpmResponseException e)
            {
                Forget();
                if (isSecond || !Mended(connection, e))
                {
                    throw TpmTrouble.Explain(e, _address);
                }
            }
            catch (TpmException e) when (e.Fault is TpmFault.Unreachable or TpmFault.Silent)
            {
                // Restarted, or unplugged and back: what it knew has gone with it. One that is silent is not asked twice.
                Disconnect();
                if (isSecond || e.Fault is TpmFault.Silent)
                {
                    throw;
                }
            }
            catch (ObjectDisposedException)
            {
                throw; // the key's, and not the TPM's doing
            }
            catch (TpmException)
            {
                Forget();
                throw;
            }
            catch (Exception e)
            {
                // What stands between here and the TPM can answer anything: structures cut short, keys that are none.
                Forget();
                throw new TpmException(TpmFault.Untrusted, $"The TPM {_address} gave an answer that makes no sense. Nothing of it was used.", e);
            }
        }
    }

    // Whether the command may succeed now.
    private static bool Mended(TpmConnection connection, TpmResponseException refusal)
    {
        try
        {
            if (refusal.Code == TpmRc.Initialize)
            {
                connection.Commands.Startup();
                return true;
            }

            if (refusal.IsFull)
            {
                connection.FlushLeftovers();
                return true;
            }

            return refusal.IsLostHandle;
        }
        catch (Exception e) when (e is TpmResponseException or TpmFormatException)
        {
            // The first refusal says more than that of its remedy.
            return false;
        }
    }

    private TpmConnection Connect()
    {
        _channel = new TpmChannel(_address.Connect(), _address, _time);
        _connectedAt = _time.GetTimestamp();
        return new TpmConnection(new TpmCommands(_channel));
    }

    // The next turn begins with a TPM that knows nothing of this process.
    private void Forget()
    {
        if (_connection is { } connection)
        {
            connection.FlushAll();
            _connection = new TpmConnection(connection.Commands);
        }
    }

    private void Disconnect()
    {
        _connection = null;
        _channel?.Dispose();
        _channel = null;
    }

    private void Release()
    {
        _connection?.FlushAll();
        Disconnect();
    }

    private void Work()
    {
        while (true)
        {
            // A device keeps its connection: it can be shared, and loading a key takes long there.
            var wait = _connection is not null && _address.IsSocket ? _address.IdleTime : Timeout.InfiniteTimeSpan;
            if (_turns.TryTake(out var turn, wait))
            {
                turn();
            }
            else if (_turns.IsCompleted)
            {
                Release();
                return;
            }
            else
            {
                Release();
            }

            if (_connection is not null && _address.IsSocket && _time.GetElapsedTime(_connectedAt) > _address.LongestHold)
            {
                Release();
            }
        }
    }
}
