namespace Mds.Metadata;

/// <summary>Answers a leaf whose content depends on the parameters of the request.</summary>
/// <param name="parameter">Gives a parameter of the request, decoded; empty when it was not sent.</param>
/// <returns>JSON; <see langword="null"/> where there is nothing, which is a 404.</returns>
public delegate byte[]? MetadataQuery(Func<string, string> parameter);
