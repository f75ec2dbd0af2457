namespace Mds.Server.Telemetry;

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary><see cref="Text"/> on a terminal, else <see cref="Json"/>.</summary>
    Auto,

    /// <summary>One readable line each.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}
