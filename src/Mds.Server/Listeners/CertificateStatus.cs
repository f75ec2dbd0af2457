namespace Mds.Server.Listeners;

/// <summary>How the certificate of a TLS listener stands.</summary>
/// <param name="Valid">Whether the files as they are now are in use.</param>
/// <param name="Source">The certificate's file.</param>
/// <param name="Subject">Whom the certificate in use names.</param>
/// <param name="ExpiresAt">When it expires.</param>
/// <param name="Error">Why the files as they are now cannot be used.</param>
internal sealed record CertificateStatus(bool Valid, string Source, string? Subject, DateTimeOffset? ExpiresAt, string? Error);
