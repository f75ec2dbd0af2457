using System.CommandLine;
using Mds.Kubernetes;

namespace Mds.Operator.Verification;

/// <summary><c>mds-operator verify</c>: what <c>helm test</c> runs inside the cluster.</summary>
internal static class VerifyCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Builds the command.</summary>
    /// <param name="time">The clock.</param>
    public static Command Build(TimeProvider time)
    {
        var configuration = new Option<string>("--webhook-configuration")
        {
            Description = "The MutatingWebhookConfiguration to verify.",
            HelpName = "name",
            DefaultValueFactory = _ => "mds",
        };
        var patience = new Option<int>("--timeout")
        {
            Description = "Seconds to go on trying, for an installation that is only starting; 0 tries once.",
            HelpName = "seconds",
            DefaultValueFactory = _ => 60,
        };
        var kubeconfig = new Option<string?>("--kubeconfig")
        {
            Description = "The kubeconfig file; without it, the pod's own account, KUBECONFIG or ~/.kube/config.",
            HelpName = "file",
        };
        var command = new Command("verify", "Asks the webhook what the API server asks it, and says whether it works.")
        {
            configuration, patience, kubeconfig,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(patience) < 0)
            {
                result.AddError("--timeout must be 0 seconds or more.");
            }
        });
        command.SetAction(async (result, cancellationToken) =>
        {
            var io = result.InvocationConfiguration;
            try
            {
                using var client = new KubeClient(KubeConfig.Load(result.GetValue(kubeconfig), time), time);
                var sentence = await RetryAsync(
                    new WebhookVerification(client),
                    result.GetValue(configuration)!,
                    TimeSpan.FromSeconds(result.GetValue(patience)),
                    time,
                    cancellationToken);
                await io.Output.WriteLineAsync(sentence);
                return 0;
            }
            catch (Exception e) when (e is VerificationException or KubeConfigException or HttpRequestException)
            {
                await io.Error.WriteLineAsync($"mds-operator verify: {e.Message}");
                return 1;
            }
        });
        return command;
    }

    private static async Task<string> RetryAsync(
        WebhookVerification verification, string configuration, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await verification.VerifyAsync(configuration, cancellationToken);
            }
            catch (Exception e) when (e is VerificationException or HttpRequestException && time.GetElapsedTime(start) < patience)
            {
                await Task.Delay(Interval, time, cancellationToken);
            }
        }
    }
}
