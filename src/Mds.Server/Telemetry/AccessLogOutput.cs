namespace Mds.Server.Telemetry;

/// <summary>Where the access log goes.</summary>
internal enum AccessLogOutput
{
    /// <summary>Nowhere: a line for each request costs more than the request.</summary>
    Off,

    /// <summary>To standard output, apart from the log.</summary>
    Stdout,

    /// <summary>To standard error, among the lines of the log.</summary>
    Stderr,
}
