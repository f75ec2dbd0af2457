using FsCheck;
using FsCheck.Fluent;

namespace Mds.Credentials.Tests.Caching;

public sealed class RefreshScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(330);

    private static Arbitrary<TimeSpan> Lives { get; } =
        Gen.Choose(1, 200_000).Select(seconds => TimeSpan.FromSeconds(seconds)).ToArbitrary();

    private static Arbitrary<double> Jitters { get; } = Gen.Choose(0, 999).Select(n => n / 1000.0).ToArbitrary();

    [Fact]
    public void FreshUntil_AnyLife_WithinIt() => Prop.ForAll(Lives, life =>
    {
        var fresh = RefreshSchedule.FreshUntil(Now, Now + life, Margin) - Now;
        return fresh > TimeSpan.Zero && fresh <= life && fresh >= Min(life / 2, life);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void FreshUntil_OrdinaryLife_LeavesTheMargin() => Prop.ForAll(Lives, life =>
        life < 2 * Margin || Now + life - RefreshSchedule.FreshUntil(Now, Now + life, Margin) == Margin)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void RefreshAt_AnyLifeAndJitter_AheadByABoundedTimeAndNotAtOnce() => Prop.ForAll(Lives, Jitters, (life, jitter) =>
    {
        var freshUntil = RefreshSchedule.FreshUntil(Now, Now + life, Margin);
        var refreshAt = RefreshSchedule.RefreshAt(Now, freshUntil, TimeSpan.FromSeconds(120), jitter);
        return refreshAt - Now >= RefreshSchedule.MinimumInterval
            && refreshAt >= freshUntil - TimeSpan.FromSeconds(120)
            && (refreshAt <= freshUntil || refreshAt - Now == RefreshSchedule.MinimumInterval);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(TokenSourceFault.Unavailable, 15)]
    [InlineData(TokenSourceFault.Rejected, 60)]
    [InlineData(TokenSourceFault.Unusable, 60)]
    public void RetryAfter_AnyNumberOfFailures_GrowsToItsBound(TokenSourceFault fault, double most)
    {
        var pauses = Enumerable.Range(1, 100).Select(n => RefreshSchedule.RetryAfter(fault, n, 0).TotalSeconds).ToArray();
        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal(most, pauses[^1]);
        Assert.All(pauses, pause => Assert.True(pause >= 1));
        Assert.Equal(most / 2, RefreshSchedule.RetryAfter(fault, 100, 1).TotalSeconds);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
