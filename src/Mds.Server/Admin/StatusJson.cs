using System.Text.Json.Serialization;
using Mds.Server.Reload;

namespace Mds.Server.Admin;

/// <summary>How <c>/status</c> is written: made at build time, so that trimming cannot break it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ServerStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
