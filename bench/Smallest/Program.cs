// The smallest ASP.NET Core program that answers, which the server's memory and time to start are measured against.
var app = WebApplication.CreateSlimBuilder(args).Build();
app.MapGet("/", () => "");
app.Run();
