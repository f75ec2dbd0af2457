namespace Mds.Tpm;

/// <summary>
/// A TPM as it is known since it was connected to or last forgot everything. Handles belong to the connection that they were
/// made on: whoever holds some compares the connection, and makes them anew on another one.
/// </summary>
internal sealed class TpmConnection(TpmCommands commands)
{
    private readonly List<uint> _handles = [];

    /// <summary>The commands.</summary>
    public TpmCommands Commands => commands;

    /// <summary>Notes an object or session that must not be left behind.</summary>
    public TpmEntity Own(TpmEntity entity)
    {
        _handles.Add(entity.Handle);
        return entity;
    }

    /// <summary>Notes a session that must not be left behind.</summary>
    public TpmSession Own(TpmSession session)
    {
        Own(session.Entity);
        return session;
    }

    /// <summary>Lets an object or session go.</summary>
    public void Flush(TpmEntity entity)
    {
        if (_handles.Remove(entity.Handle))
        {
            commands.FlushContext(entity.Handle);
        }
    }

    /// <summary>Lets everything go that was made on this connection, as far as the TPM is still there and still has it.</summary>
    public void FlushAll()
    {
        foreach (var handle in _handles)
        {
            try
            {
                commands.FlushContext(handle);
            }
            catch (TpmResponseException)
            {
                // It has gone by itself: the TPM was reset.
            }
            catch (TpmException)
            {
                break;
            }
        }

        _handles.Clear();
    }

    /// <summary>
    /// Makes room on a TPM without a resource manager: what is loaded there was left behind by somebody who has gone, because
    /// such a TPM serves one connection at a time. Behind a resource manager only what is one's own can be seen.
    /// </summary>
    public void FlushLeftovers()
    {
        foreach (var handle in commands.Handles(TpmHt.Transient).Concat(commands.Handles(TpmHt.LoadedSession)))
        {
            commands.FlushContext(handle);
        }

        _handles.Clear();
    }
}
