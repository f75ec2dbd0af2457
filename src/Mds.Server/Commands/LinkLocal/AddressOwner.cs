namespace Mds.Server.Commands;

/// <summary>Who added the metadata server's address to the loopback interface.</summary>
internal enum AddressOwner
{
    /// <summary>It is not there.</summary>
    Nobody,

    /// <summary><c>mds-server link-local up</c> did.</summary>
    ThisProgram,

    /// <summary>Somebody else did.</summary>
    SomebodyElse,
}
