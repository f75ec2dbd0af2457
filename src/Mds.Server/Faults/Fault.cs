using System.IO.Enumeration;

namespace Mds.Server.Faults;

/// <summary>Something that goes wrong with requests for metadata, on purpose.</summary>
internal sealed class Fault
{
    private readonly Lock _gate = new();
    private readonly Random _random;

    /// <summary>Creates a fault.</summary>
    /// <param name="id">What it is called by.</param>
    /// <param name="path">The paths it befalls; <c>*</c> stands for any characters.</param>
    /// <param name="status">The status that requests get; <see langword="null"/> when they get their answer.</param>
    /// <param name="delay">How long requests wait for either.</param>
    /// <param name="probability">How probable it is for a request, from 0 to 1.</param>
    /// <param name="seed">Makes the same requests fail each time; <see langword="null"/> for other ones each time.</param>
    /// <param name="times">How many requests it befalls; <see langword="null"/> for any number.</param>
    public Fault(int id, string path, int? status, TimeSpan delay, double probability, int? seed, int? times)
    {
        (Id, Path, Status, Delay, Probability, Seed, Times) = (id, path, status, delay, probability, seed, times);
        _random = seed is { } given ? new Random(given) : new Random();
    }

    /// <summary>What it is called by.</summary>
    public int Id { get; }

    /// <summary>The paths it befalls; <c>*</c> stands for any characters.</summary>
    public string Path { get; }

    /// <summary>The status that requests get.</summary>
    public int? Status { get; }

    /// <summary>How long requests wait.</summary>
    public TimeSpan Delay { get; }

    /// <summary>How probable it is for a request.</summary>
    public double Probability { get; }

    /// <summary>What its chances come from.</summary>
    public int? Seed { get; }

    /// <summary>How many requests it befalls at most.</summary>
    public int? Times { get; }

    /// <summary>How many requests it has befallen.</summary>
    public int Count { get; private set; }

    /// <summary>Whether it has befallen as many requests as it should.</summary>
    public bool IsSpent => Count >= Times;

    /// <summary>Whether it befalls a request; if so, that is counted.</summary>
    /// <param name="path">The request's path as it was sent.</param>
    public bool Befalls(ReadOnlySpan<char> path)
    {
        if (!FileSystemName.MatchesSimpleExpression(Path, path, ignoreCase: false))
        {
            return false;
        }

        lock (_gate)
        {
            if (IsSpent || _random.NextDouble() >= Probability)
            {
                return false;
            }

            Count++;
            return true;
        }
    }
}
