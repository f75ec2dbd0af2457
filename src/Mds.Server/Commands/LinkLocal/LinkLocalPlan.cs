namespace Mds.Server.Commands;

/// <summary>What is to be done so that clients without any setting find a server on this machine, or to undo that. Nothing is done yet.</summary>
/// <param name="Ip">The arguments of <c>ip</c>; <see langword="null"/> when the address stays as it is.</param>
/// <param name="Hosts">The new text of the hosts file; <see langword="null"/> when it stays as it is.</param>
/// <param name="Sentences">What will be done and what not, for people.</param>
internal sealed record LinkLocalPlan(IReadOnlyList<string>? Ip, string? Hosts, IReadOnlyList<string> Sentences)
{
    /// <summary>Whether everything is as it should be already.</summary>
    public bool IsEmpty => Ip is null && Hosts is null;

    /// <summary>Sets up.</summary>
    /// <param name="owner">Who added the address.</param>
    /// <param name="hosts">The text of the hosts file.</param>
    /// <exception cref="LinkLocalException">The hosts file sends the name elsewhere.</exception>
    public static LinkLocalPlan Up(AddressOwner owner, string hosts)
    {
        if (HostsFile.Conflict(hosts) is { } conflict)
        {
            throw new LinkLocalException(
                $"Line {conflict.Number} of {HostsFile.Path} sends {HostsFile.Name} to {conflict.Address}. Take that name out of the line first.");
        }

        var hasLine = HostsFile.HasLine(hosts);
        return new LinkLocalPlan(
            owner == AddressOwner.Nobody ? LoopbackAddress.Add : null,
            hasLine ? null : HostsFile.Add(hosts),
            [
                owner switch
                {
                    AddressOwner.Nobody => $"run: ip {string.Join(' ', LoopbackAddress.Add)} (whatever answered at {LoopbackAddress.Address} before cannot be reached from then on)",
                    AddressOwner.ThisProgram => $"leave {LoopbackAddress.Address} on lo, where this command put it before",
                    _ => $"leave {LoopbackAddress.Address} on lo, where somebody else put it",
                },
                hasLine
                    ? $"leave the line in {HostsFile.Path} that this command added before"
                    : $"add to {HostsFile.Path}: {HostsFile.Line}",
            ]);
    }

    /// <summary>Undoes what <see cref="Up"/> did, and nothing else.</summary>
    /// <param name="owner">Who added the address.</param>
    /// <param name="hosts">The text of the hosts file.</param>
    public static LinkLocalPlan Down(AddressOwner owner, string hosts)
    {
        var hasLine = HostsFile.HasLine(hosts);
        return new LinkLocalPlan(
            owner == AddressOwner.ThisProgram ? LoopbackAddress.Delete : null,
            hasLine ? HostsFile.Remove(hosts) : null,
            [
                owner switch
                {
                    AddressOwner.ThisProgram => $"run: ip {string.Join(' ', LoopbackAddress.Delete)}",
                    AddressOwner.SomebodyElse => $"leave {LoopbackAddress.Address} on lo, since somebody else put it there",
                    _ => $"leave lo as it is: {LoopbackAddress.Address} is not on it",
                },
                hasLine
                    ? $"take out of {HostsFile.Path}: {HostsFile.Line}"
                    : $"leave {HostsFile.Path} as it is: the line of this command is not in it",
            ]);
    }
}
