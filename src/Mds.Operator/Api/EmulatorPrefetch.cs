namespace Mds.Operator.Api;

/// <summary>When a server gets the first token of each account.</summary>
internal enum EmulatorPrefetch
{
    /// <summary>When it starts, while it answers already.</summary>
    Background,

    /// <summary>Before it is ready: pods reach it once every account has a token.</summary>
    Ready,
}
