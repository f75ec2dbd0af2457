using System.Collections.Concurrent;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Simulation;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Reload;

public sealed class LiveStateTests
{
    // A timer that went off is not stopped by disposing of it: what it calls runs at any later moment.
    [Fact]
    public async Task Dispose_WhileATimerOfAnEventGoesOff_ChangesAndBreaksNothing()
    {
        var time = new LateTime();
        var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [new LocalSettings("default")] }, time);
        var state = server.Server.State;
        state.Events.Raise((id, now) => new SimulatedEvent(id, SimulatedEventKind.Preemption, now, now, now.AddHours(1)));
        var served = state.Metadata.Current;

        await server.DisposeAsync();
        time.FireAll();

        Assert.Same(served, state.Metadata.Current);
    }

    /// <summary>The real clock, whose timers may go off when they are gone.</summary>
    private sealed class LateTime : TimeProvider
    {
        private readonly ConcurrentQueue<Action> _callbacks = new();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callbacks.Enqueue(() => callback(state));
            return base.CreateTimer(callback, state, dueTime, period);
        }

        public void FireAll()
        {
            foreach (var callback in _callbacks)
            {
                callback();
            }
        }
    }
}
