namespace StandIns;

/// <summary>An identity on AWS and the secrets it signs with.</summary>
public sealed record AwsIdentity(string Arn, string AccessKeyId, string SecretAccessKey, string? SessionToken);
