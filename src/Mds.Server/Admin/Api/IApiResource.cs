namespace Mds.Server.Admin.Api;

/// <summary>A resource of the admin API.</summary>
internal interface IApiResource
{
    /// <summary>Its name, which is its path below <c>/admin/v1/</c>.</summary>
    string Name { get; }

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    ApiAnswer Answer(ApiRequest request);
}
