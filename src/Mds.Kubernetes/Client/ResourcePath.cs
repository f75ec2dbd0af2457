using System.Globalization;
using System.Text;

namespace Mds.Kubernetes;

/// <summary>Builds the paths and queries of the Kubernetes API.</summary>
internal static class ResourcePath
{
    /// <summary>The path of a collection, one of its objects, or a subresource of that.</summary>
    public static string For(ResourceType type, string? ns, string? name = null, string? subresource = null)
    {
        var path = new StringBuilder(type.Group.Length == 0 ? "/api/" : "/apis/").Append(type.ApiVersion);
        if (ns is not null)
        {
            if (!type.Namespaced)
            {
                throw new ArgumentException($"A {type.Kind} has no namespace, but '{ns}' is given.", nameof(ns));
            }

            path.Append("/namespaces/").Append(Segment(ns));
        }
        else if (type.Namespaced && name is not null)
        {
            throw new ArgumentException($"A {type.Kind} lives in a namespace, but none is given for '{name}'.", nameof(ns));
        }

        path.Append('/').Append(type.Plural);
        if (name is not null)
        {
            path.Append('/').Append(Segment(name));
        }

        return subresource is null ? path.ToString() : path.Append('/').Append(subresource).ToString();
    }

    /// <summary>A query of the parameters that have a value.</summary>
    public static string Query(params ReadOnlySpan<(string Key, object? Value)> parameters)
    {
        var query = new StringBuilder();
        foreach (var (key, value) in parameters)
        {
            var text = value is bool flag ? flag ? "true" : null : Convert.ToString(value, CultureInfo.InvariantCulture);
            if (!string.IsNullOrEmpty(text))
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(key).Append('=').Append(Uri.EscapeDataString(text));
            }
        }

        return query.ToString();
    }

    // These would address something else than an object of that name; the API server accepts no such names either.
    private static string Segment(string name) =>
        name.Length == 0 || name is "." or ".." || name.AsSpan().IndexOfAny('/', '%') >= 0
            ? throw new ArgumentException($"'{name}' can't be the name of a Kubernetes object.", nameof(name))
            : Uri.EscapeDataString(name);
}
