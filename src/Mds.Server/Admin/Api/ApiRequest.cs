namespace Mds.Server.Admin.Api;

/// <summary>A request of the admin API, read.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Id">What follows the resource in its path; <see langword="null"/> when nothing does.</param>
/// <param name="Query">Its query.</param>
/// <param name="Body">Its body.</param>
internal sealed record ApiRequest(string Method, string? Id, IQueryCollection Query, ReadOnlyMemory<byte> Body)
{
    /// <summary>The number that <see cref="Id"/> is; <see langword="null"/> when it is none.</summary>
    public int? Number => int.TryParse(Id, out var number) ? number : null;
}
