namespace Mds.Cluster.Tests.Clusters;

/// <summary>How an emulator whose credentials fail says so to whoever looks: condition, event and <c>kubectl get mde</c>.</summary>
public static class ToldFailures
{
    /// <summary>Waits until all three say it.</summary>
    /// <param name="space">Where the emulator is.</param>
    /// <param name="name">The emulator.</param>
    /// <param name="reason">The reason of the condition CredentialsValid, and of the event.</param>
    /// <param name="words">What the sentence has to name.</param>
    public static async Task TellsFailureAsync(this TestNamespace space, string name, string reason, string words)
    {
        var failed = await space.UntilAsync(
            $"mde/{name}", $"says {reason}", seen => seen.Condition("CredentialsValid") is { IsFalse: true } told && told.Reason == reason);
        Assert.Contains(words, failed.Condition("CredentialsValid").Message, StringComparison.Ordinal);
        Assert.EndsWith(")", failed.Condition("CredentialsValid").Message, StringComparison.Ordinal);
        await Until.HoldsAsync(
            $"an event of {name} says the same",
            () => space.ListAsync("events", "--field-selector", $"involvedObject.name={name},reason={reason}"),
            events => events.Any(one => ((string?)one["message"])!.Contains(words, StringComparison.Ordinal)),
            TestContext.Current.CancellationToken);
        await Until.HoldsAsync(
            $"kubectl get mde {name} says so", () => space.KubectlAsync("get", "mde", name),
            table => table.Contains(reason, StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await Until.HoldsAsync(
            $"kubectl get mde {name} -o wide says it in a sentence", () => space.KubectlAsync("get", "mde", name, "-o", "wide"),
            table => table.Contains(words, StringComparison.Ordinal), TestContext.Current.CancellationToken);
    }
}
