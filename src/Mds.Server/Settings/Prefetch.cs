namespace Mds.Server.Settings;

/// <summary>Whether tokens are asked for before anybody wants one.</summary>
internal enum Prefetch
{
    /// <summary>They are not.</summary>
    Off,

    /// <summary>They are, while the server answers already.</summary>
    Background,

    /// <summary>They are, and the server says that it is ready only once each account has one.</summary>
    BeforeReady,
}
