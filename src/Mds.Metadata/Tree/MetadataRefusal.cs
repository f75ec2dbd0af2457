namespace Mds.Metadata;

/// <summary>Why a node that is there does not answer.</summary>
public enum MetadataRefusal
{
    /// <summary>Guest attributes are switched off.</summary>
    GuestAttributesDisabled,

    /// <summary>What the node tells was never configured.</summary>
    NotConfigured,
}
