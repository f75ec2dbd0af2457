namespace Mds.Credentials;

/// <summary>What a machine on AWS signs with.</summary>
/// <param name="AccessKeyId">The id of the key.</param>
/// <param name="SecretAccessKey">The key: a secret.</param>
/// <param name="SessionToken">The token that goes with a key of limited life: a secret.</param>
internal sealed record AwsCredentials(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    /// <summary>Says nothing: all of it is secret, or leads to what is.</summary>
    public override string ToString() => "credentials of AWS";
}
