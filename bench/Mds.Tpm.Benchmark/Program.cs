using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using Mds.Tpm;

// Signatures per second of a software TPM: by itself (the same bytes of TPM2_Sign over and over) and through MDS, which also
// verifies each. One after the other; many callers at once get the same, because a TPM does one thing at a time.
if (args is not [var socket, var keys, var seconds])
{
    Console.Error.WriteLine("usage: Mds.Tpm.Benchmark SOCKET KEYS SECONDS");
    return 2;
}

const int Rounds = 5;
var duration = TimeSpan.FromSeconds(double.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture));
var digest = SHA256.HashData("bench"u8);
var address = TpmAddress.Parse($"unix:{socket}");
var name = File.ReadAllText(Path.Combine(keys, "ek.name.hex")).Trim();
var password = "key-password"u8.ToArray();

(string What, Func<double> Measure)[] ways =
[
    ("the TPM itself: TPM2_Sign alone, the same bytes each time, nothing checked", Bare),
    ("MDS: no password", () => Mds(new() { PersistentHandle = 0x81010002 })),
    ("MDS: password", () => Mds(new() { PersistentHandle = 0x81010003, KeyPassword = password })),
    ("MDS: password, encrypted session", () => Mds(new() { PersistentHandle = 0x81010003, KeyPassword = password, SessionEncryptionName = name })),
    ("MDS: PCR policy", () => Mds(new() { PersistentHandle = 0x81010004, Pcrs = [23] })),
    ("MDS: PCR policy, encrypted session", () => Mds(new() { PersistentHandle = 0x81010004, Pcrs = [23], SessionEncryptionName = name })),
    ("MDS: PCR policy below the endorsement key, encrypted session", () => Mds(new()
    {
        PersistentHandle = 0x81010006, Pcrs = [23], EndorsementParent = true, SessionEncryptionName = name,
    })),
];

// In turns, so that what else the machine does meets all of them.
var rates = ways.Select(_ => new List<double>()).ToArray();
for (var round = 0; round < Rounds; round++)
{
    foreach (var (way, found) in ways.Zip(rates))
    {
        found.Add(way.Measure());
    }
}

var medians = rates.Select(found => found.Order().ElementAt(Rounds / 2)).ToArray();
Console.WriteLine("## Signatures by a TPM\n");
Console.WriteLine($"RSA-2048, RSASSA with SHA-256, Debian's swtpm behind a Unix socket; the median of {Rounds} rounds of {duration.TotalSeconds:0.#} s in turns. "
    + "`bench/tpm` measures this alone.\n");
Console.WriteLine("| | signatures a second | of the TPM's own |");
Console.WriteLine("|---|---|---|");
foreach (var (way, median) in ways.Zip(medians))
{
    Console.WriteLine($"| {way.What} | {median:0} | {median / medians[0]:0 %} |");
}

return 0;

double Mds(TpmKeyOptions options)
{
    using var key = new TpmKey(options with { Address = address }, TimeProvider.System);
    return Rate(() => key.SignHashAsync(digest, HashAlgorithmName.SHA256, CancellationToken.None).GetAwaiter().GetResult());
}

// TPM2_Sign of the persistent key without a password, made by hand, so that nothing of MDS is measured.
double Bare()
{
    byte[] command =
    [
        0x80, 0x02, 0, 0, 0, 0, 0, 0, 0x01, 0x5D, // TPM_ST_SESSIONS, length, TPM_CC_Sign
        0x81, 0x01, 0x00, 0x02, // the key
        0, 0, 0, 9, 0x40, 0, 0, 0x09, 0, 0, 1, 0, 0, // TPM_RS_PW, no nonce, continueSession, no password
        0, 32, .. digest,
        0x00, 0x14, 0x00, 0x0B, // RSASSA, SHA-256
        0x80, 0x24, 0x40, 0, 0, 0x07, 0, 0, // no ticket
    ];
    command[5] = (byte)command.Length;
    using var tpm = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    tpm.Connect(new UnixDomainSocketEndPoint(socket));
    var answer = new byte[4096];
    var exchange = () =>
    {
        tpm.Send(command);
        var length = 0;
        do
        {
            length += tpm.Receive(answer.AsSpan(length));
        }
        while (length < 10 || length < ((answer[4] << 8) | answer[5]));

    };
    // The first answer is TPM_RC_RETRY: the TPM notes first that a key with lock-out protection is in use.
    exchange();
    return Rate(() =>
    {
        exchange();
        if ((answer[6] | answer[7] | answer[8] | answer[9]) != 0)
        {
            throw new InvalidOperationException($"The TPM answered 0x{Convert.ToHexString(answer, 6, 4)}.");
        }
    });
}

double Rate(Action sign)
{
    for (var i = 0; i < 20; i++)
    {
        sign(); // loading the key, and warming up
    }

    var began = Stopwatch.GetTimestamp();
    var count = 0;
    while (Stopwatch.GetElapsedTime(began) < duration)
    {
        sign();
        count++;
    }

    return count / Stopwatch.GetElapsedTime(began).TotalSeconds;
}
