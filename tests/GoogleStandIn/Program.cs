using System.CommandLine;
using StandIns;

var email = new Option<string>("--email") { Required = true, Description = "The service account's e-mail address." };
var tokenUri = new Option<string>("--token-uri") { Required = true, Description = "What the key file's token_uri says." };
var keyOut = new Option<FileInfo>("--key-out") { Required = true, Description = "The key file to write." };
var publicOut = new Option<FileInfo>("--public-out") { Required = true, Description = "The public half to write, as PEM, for --client." };
var makeKey = new Command("make-key", "Makes a service account key file and its public half.")
{
    email, tokenUri, keyOut, publicOut,
};
makeKey.SetAction(parsed =>
{
    var key = KeyFile.Make(parsed.GetRequiredValue(email), parsed.GetRequiredValue(tokenUri));
    File.WriteAllText(parsed.GetRequiredValue(keyOut).FullName, key.Json);
    File.WriteAllText(parsed.GetRequiredValue(publicOut).FullName, key.PublicPem);
});

var urls = new Option<string>("--urls") { DefaultValueFactory = _ => "http://127.0.0.1:8080", Description = "Where to listen." };
var tokenUrl = new Option<string?>("--token-url") { Description = "An audience to accept beside Google's own." };
var clients = new Option<string[]>("--client") { Description = "EMAIL=PEMFILE: a service account and a public key of it. May be repeated." };
var creators = new Option<string[]>("--token-creator")
{
    Description = "MEMBER=ACCOUNT: a principal (e-mail address or principal://…) that may make tokens of a service account. May be repeated.",
};
var providers = new Option<string[]>("--provider")
{
    Description = "NAME=KEYS: a provider of a workload identity pool, projects/…/providers/…, and the key set of its issuer: a file "
        + "or an address, asked for with each token. May be repeated.",
};
var keysCa = new Option<string?>("--keys-ca") { Description = "A file with the authorities (PEM) that the key sets' addresses are trusted by." };
var keysBearer = new Option<string?>("--keys-bearer") { Description = "A file with the token that key sets are asked for with." };
var root = new RootCommand("Stands where Google's token services are, and verifies what it is sent.")
{
    urls, tokenUrl, clients, creators, providers, keysCa, keysBearer, makeKey,
};
root.SetAction(async (parsed, cancellation) =>
{
    await using var standIn = await GoogleStandIn.StartAsync(parsed.GetRequiredValue(urls), parsed.GetValue(tokenUrl));
    foreach (var client in parsed.GetValue(clients) ?? [])
    {
        if (client.Split('=', 2) is not [var account, var file])
        {
            await Console.Error.WriteLineAsync($"--client {client} is not of the form EMAIL=PEMFILE.");
            return 2;
        }

        standIn.AddClient(account, await File.ReadAllTextAsync(file, cancellation));
    }

    foreach (var creator in parsed.GetValue(creators) ?? [])
    {
        standIn.AddTokenCreator(creator[..creator.LastIndexOf('=')], creator[(creator.LastIndexOf('=') + 1)..]);
    }

    using var keySets = new KeySets(parsed.GetValue(keysCa), parsed.GetValue(keysBearer));
    foreach (var provider in parsed.GetValue(providers) ?? [])
    {
        if (provider.Split('=', 2) is not [var name, var keys])
        {
            await Console.Error.WriteLineAsync($"--provider {provider} is not of the form NAME=KEYS.");
            return 2;
        }

        standIn.AddProvider(new Provider(name, () => keySets.GetAsync(keys)));
    }

    Console.WriteLine($"google-stand-in answers at {standIn.TokenUrl}");
    await standIn.Stopped;
    return 0;
});
return await root.Parse(args).InvokeAsync();
