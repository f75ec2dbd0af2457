namespace Mds.Server.Telemetry;

/// <summary>A request that was answered.</summary>
/// <param name="Number">How many had come before it, and one.</param>
/// <param name="Time">When it was answered.</param>
/// <param name="Method">Its method.</param>
/// <param name="RawTarget">Its target as it was sent: to be shown by <see cref="ShownTarget"/> only.</param>
/// <param name="Answer">What it was answered.</param>
/// <param name="Refusal">Why it was refused, if it was.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="UserAgent">The program that asked, as it says.</param>
internal readonly record struct RecentRequest(
    long Number, DateTimeOffset Time, string Method, string RawTarget, RecentAnswer Answer, string? Refusal, TimeSpan Elapsed, string? UserAgent);
