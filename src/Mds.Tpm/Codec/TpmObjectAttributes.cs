namespace Mds.Tpm;

/// <summary>What an object is for and what may be done with it (Part 2, 8.3, TPMA_OBJECT).</summary>
[Flags]
internal enum TpmObjectAttributes : uint
{
    None = 0,
    FixedTpm = 1 << 1,
    FixedParent = 1 << 4,
    SensitiveDataOrigin = 1 << 5,
    UserWithAuth = 1 << 6,
    AdminWithPolicy = 1 << 7,
    NoDictionaryAttack = 1 << 10,
    Restricted = 1 << 16,
    Decrypt = 1 << 17,
    Sign = 1 << 18,
}
