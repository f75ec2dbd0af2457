using Mds.Operator;

return await CommandLine.InvokeAsync(
    args, Environment.GetEnvironmentVariable, (_, _) => Task.FromResult(0), Console.Out, Console.Error);
