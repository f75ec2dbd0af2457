using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Mds.Server.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.FastLane;

/// <summary>A connection on the fast lane.</summary>
internal sealed class LaneConnection
{
    // Answers of pipelined requests are sent together, but do not pile up beyond this.
    private const int MostUnsent = 64 * 1024;

    private const int LongestInOnePiece = 16 * 1024;

    // So often the client may be read before it is looked whether it ever pauses: a few milliseconds.
    private const int ReadsBetweenLooks = 64;

    private readonly ConnectionContext _connection;
    private readonly MetadataHandler _handler;
    private readonly ResponseHead _head;
    private readonly TimeProvider _time;
    private readonly TimeSpan _longestQuiet;
    private readonly Socket? _socket;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly string _scheme;
    private int _reads;
    private bool _givesWay;
    private long _quietSince;
    private volatile bool _sends;
    private volatile bool _ended;

    /// <param name="connection">The connection.</param>
    /// <param name="handler">Answers.</param>
    /// <param name="head">Writes the headers of answers.</param>
    /// <param name="time">The clock.</param>
    /// <param name="longestQuiet">How long it may be open without a request, or with an answer that nobody takes.</param>
    public LaneConnection(
        ConnectionContext connection, MetadataHandler handler, ResponseHead head, TimeProvider time, TimeSpan longestQuiet)
    {
        _connection = connection;
        _handler = handler;
        _head = head;
        _time = time;
        _longestQuiet = longestQuiet;
        (_input, _output) = (connection.Transport.Input, connection.Transport.Output);
        _socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        // As Kestrel tells.
        _scheme = connection.Features.Get<ITlsConnectionFeature>() is null ? "http" : "https";
        _quietSince = time.GetTimestamp();
    }

    private enum Step
    {
        /// <summary>Every request that came is answered.</summary>
        Read,

        /// <summary>There may be more, but what was written should go out first.</summary>
        Send,

        /// <summary>The next request is Kestrel's.</summary>
        HandOver,

        /// <summary>The last answer ends the connection.</summary>
        Close,
    }

    /// <summary>Answers requests for as long as that is possible here.</summary>
    /// <returns>Whether the connection goes on with a request that Kestrel has to read; else it is to be closed.</returns>
    public async Task<bool> RunAsync()
    {
        var lifetime = _connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var stop = lifetime.UnsafeRegister(static input => ((PipeReader)input!).CancelPendingRead(), _input);
        _connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static lane => ((LaneConnection)lane).EndIfQuiet(), this);
        try
        {
            while (true)
            {
                var read = await _input.ReadAsync();
                if (_givesWay)
                {
                    // To the end of the queue: there may be as many of these clients as the pool has threads.
                    await Task.Yield();
                }

                Volatile.Write(ref _quietSince, _time.GetTimestamp());
                var rest = read.Buffer;
                var step = Take(ref rest, lifetime.IsCancellationRequested);
                // Nothing of what is left was looked at, as far as the pipe is concerned: who reads next is given it at once.
                _input.AdvanceTo(rest.Start);
                GiveWayToOthers(step);
                if (_output.UnflushedBytes > 0 && !await SendAsync())
                {
                    return false;
                }

                switch (step)
                {
                    case Step.HandOver:
                        return true;
                    case Step.Close:
                    case Step.Read when read.IsCompleted || read.IsCanceled:
                        return false;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client hung up, or the server ended the connection.
            return false;
        }
        finally
        {
            _ended = true;
        }
    }

    private Step Take(ref ReadOnlySequence<byte> rest, bool isStopping)
    {
        Span<char> characters = stackalloc char[RequestHead.MostCharacters];
        while (!rest.IsEmpty)
        {
            if (_output.UnflushedBytes > MostUnsent)
            {
                return Step.Send;
            }

            if (!_handler.AllowsFastLane
                || !RequestHead.TryRead(rest, characters, _scheme, out var request, out var length)
                || !_handler.TryAnswer(request, out var answer))
            {
                return Step.HandOver;
            }

            var closes = answer.Closes || request.Closes || isStopping;
            // In one piece: what lies in two blocks of memory takes twice as long to send.
            _ = _output.GetSpan(ResponseHead.Most + Math.Min(answer.Body.Length, LongestInOnePiece));
            _head.Write(_output, answer, closes);
            if (request.Method is "GET")
            {
                _output.Write(answer.Body.Span);
            }

            rest = rest.Slice(length);
            if (closes)
            {
                return Step.Close;
            }
        }

        return Step.Read;
    }

    /// <summary>
    /// Once in a while, before the answers are sent: a client that waits for them has sent nothing more. One that has may never
    /// pause, and as long as there is more to read, nobody else gets the thread that all sockets wait for.
    /// </summary>
    private void GiveWayToOthers(Step step)
    {
        if (!_givesWay && ++_reads % ReadsBetweenLooks == 0 && (step == Step.Send || _socket is { Available: > 0 }))
        {
            _givesWay = true;
            InlineCompletions.Set(_connection, false);
        }
    }

    private async ValueTask<bool> SendAsync()
    {
        _sends = true;
        var sent = await _output.FlushAsync();
        // However long the client took: it is not quiet since before that.
        Volatile.Write(ref _quietSince, _time.GetTimestamp());
        _sends = false;
        return !sent.IsCompleted;
    }

    /// <summary>Called every second by Kestrel, which ends quiet connections in the same way.</summary>
    private void EndIfQuiet()
    {
        if (_ended || _time.GetElapsedTime(Volatile.Read(ref _quietSince)) < _longestQuiet)
        {
            return;
        }

        if (_sends)
        {
            _connection.Abort(new ConnectionAbortedException("The client did not take its answers."));
        }
        else
        {
            _input.CancelPendingRead();
        }
    }
}
