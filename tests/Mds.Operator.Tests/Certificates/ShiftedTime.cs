namespace Mds.Operator.Tests.Certificates;

/// <summary>The system's clock, so and so much off. Timers are the system's.</summary>
internal sealed class ShiftedTime(TimeSpan shift) : TimeProvider
{
    public TimeSpan Shift { get; set; } = shift;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}
